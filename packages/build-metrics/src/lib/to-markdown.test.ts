import { describe, expect, it } from 'vitest';
import { recordOf } from '../../test/record-of.ts';
import { sample } from '../../test/sample-record.ts';
import { summarise } from './summarise.ts';
import { toMarkdown } from './to-markdown.ts';

describe('toMarkdown', () => {
  it('says in a few lines what became of the build and what took longest', () => {
    const text = toMarkdown(summarise(sample));
    expect(text).toContain('### Build of site: failed in 460 ms');
    expect(text).toContain('2 ran, 1 restored, 0 fresh, 1 failed; 250 ms saved, 20 ms waited for workers');
    expect(text).toContain('| `bundle:a` ● | 300 ms | ran | 290 ms | a&#124;b.ts &#60;changed&#62; |');
  });

  it('is not broken by names: cells, code and tags stay what they are', () => {
    const name = 'a`|x\n<img src=x> [link](http://evil)';
    const lines = toMarkdown(summarise(recordOf([{ name, start: 0, end: 5, reason: name }]))).split('\n');
    const row = lines.find((line) => line.includes('5.0 ms | ran'));
    expect(row?.split('|')).toHaveLength(7);
    expect(row).not.toMatch(/<img|\[link\]|a`\|/);
  });
});
