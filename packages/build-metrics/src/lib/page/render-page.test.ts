import { describe, expect, it } from 'vitest';
import { recordOf } from '../../../test/record-of.ts';
import { largeRecord, sample } from '../../../test/sample-record.ts';
import { renderPage } from './render-page.ts';

describe('renderPage', () => {
  it('says what there is to say without scripts', () => {
    const page = renderPage(sample).replaceAll(/<script[\s\S]*?<\/script>/g, '');
    for (const text of [
      'site',
      'failed',
      '460 ms',
      'Critical path',
      'bundle:a',
      'image: 1.0 kB',
      'base 700 B',
      'other 100 B',
    ]) {
      expect(page).toContain(text);
    }
  });

  it('is one file of less than 150 KB for a build of 2,000 steps with a history, and asks the network for nothing', () => {
    const page = renderPage(largeRecord(2000), {
      history: Array.from({ length: 50 }, (_, at) => largeRecord(10, at + 1)),
    });
    expect(Buffer.byteLength(page)).toBeLessThan(150_000);
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/(src|href)="?(https?:|\/\/)/);
  });

  it('draws what is largest of many sources, and stays small', () => {
    const tools = Array.from({ length: 400 }, (_, tool) => ({
      name: `tool_${tool}`,
      bytes: 5000 + tool,
      parts: Array.from({ length: 40 }, (_, at) => ({
        name: `some-package@1.0.0/lib/file_${at}.js`,
        bytes: 100 + (at % 7),
      })),
    }));
    const sizes = [
      { name: 'server', bytes: 400 * 5400, parts: tools },
      { name: 'image', bytes: 400 * 5400, parts: tools },
    ];
    const page = renderPage({ ...largeRecord(2000), sizes });
    expect(Buffer.byteLength(page)).toBeLessThan(150_000);
    expect(page).toContain('tool_399');
    expect(page).toContain('others');
  });

  it('lets no name be markup or script', () => {
    const name = `"'><script>alert(1)</script><img src=x onerror=alert(1)>`;
    const page = renderPage(
      recordOf([{ name, start: 0, end: 5, reason: name }], {
        name,
        labels: { [name]: name },
        sizes: [{ name, bytes: 5, parts: [{ name, bytes: 5 }] }],
      }),
    );
    expect(page).not.toContain('<script>alert');
    expect(page).not.toContain('<img');
  });

  it('draws an empty build, too', () => {
    expect(renderPage(recordOf([]))).toContain('0 ran');
  });
});
