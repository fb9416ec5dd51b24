// Measures a build that is not mcpgen's: a small site, its pages compressed two at a time. Checks itself.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress } from 'node:zlib';
import {
  analyse,
  compareRecords,
  createRecorder,
  findTrends,
  readRecords,
  toChromeTrace,
  writeRecord,
} from '@mcpgen/build-metrics';
import { renderPage } from '@mcpgen/build-metrics/page';

const compress = promisify(brotliCompress);
const history = await mkdtemp(join(tmpdir(), 'site-metrics-'));

async function buildSite(pages: readonly string[]) {
  const started = Date.now();
  const recorder = createRecorder({ now: () => performance.now() });

  await recorder.measure('template', async () => 'x'.repeat(1000));
  const left = [...pages];
  const worker = async () => {
    for (let page = left.shift(); page !== undefined; page = left.shift()) {
      const step = recorder.start(`page:${page}`, { needs: ['template'] });
      const part = recorder.start('compress', { parent: step });
      const { length } = await compress(`# ${page}\n`.repeat(20_000));
      recorder.end(part, { bytes: length });
      recorder.end(step, { reason: 'first build' });
    }
  };
  await Promise.all([worker(), worker()]);
  await recorder.measure('sitemap', async () => pages.join('\n'), { needs: pages.map((page) => `page:${page}`) });

  const record = recorder.record({ id: randomUUID(), name: 'my-site', started, concurrency: 2 });
  await writeRecord(history, record);
  return record;
}

try {
  const first = await buildSite(['home', 'about', 'prices']);
  const second = await buildSite(['home', 'about', 'prices', 'contact']);

  const { criticalPath, kinds, efficiency, lowerBound } = analyse(first);
  const path = criticalPath.steps.map(({ name }) => name);
  console.log(`critical path: ${path.join(' → ')}, ${criticalPath.duration.toFixed(1)} ms`);
  console.log(`busy: ${(100 * efficiency).toFixed(0)} %, no order is faster than ${lowerBound.toFixed(1)} ms`);
  for (const { kind, steps, work } of kinds) console.log(`${kind}: ${steps} steps, ${work.toFixed(1)} ms`);
  assert.equal(path[0], 'template');
  assert.match(path[1] ?? '', /^page:/);
  assert.equal(path[2], 'sitemap');
  assert.equal(kinds.find(({ kind }) => kind === 'page')?.steps, 3);

  const { records, skipped } = await readRecords(history);
  assert.deepEqual([records.length, skipped.length], [2, 0]);

  const added = compareRecords(first, second).steps.filter(({ change }) => change === 'added');
  assert.deepEqual(
    added.map(({ name }) => name),
    ['page:contact'],
  );

  const page = renderPage(second, { history: records });
  assert.match(page, /^<!doctype html>[\s\S]*page:contact/);
  console.log(`a page of ${Math.round(Buffer.byteLength(page) / 1000)} kB shows the build, without a network`);

  // Eighteen builds in which one page takes 100 ms, then three in which it takes 130: told from what was recorded alone.
  const nights = Array.from({ length: 21 }, (_, night) => ({
    ...first,
    id: `night-${night}`,
    started: first.started + night,
    spans: first.spans.map((span) => ({
      ...span,
      end: span.start + (night > 17 && span.name === 'page:home' ? 130 : 100),
    })),
  }));
  const [slower] = findTrends(nights).steps;
  console.log(`${slower?.name} became ${slower?.verdict}: ${slower?.before} ms, now ${slower?.after} ms`);
  assert.deepEqual([slower?.name, slower?.verdict, slower?.since], ['page:home', 'slower', first.started + 18]);

  const trace = join(history, 'trace.json');
  await writeFile(trace, JSON.stringify(toChromeTrace(second)));
  console.log('a trace for https://ui.perfetto.dev was written and removed again');
} finally {
  await rm(history, { recursive: true });
}
