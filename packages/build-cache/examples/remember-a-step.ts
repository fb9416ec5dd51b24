import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf, openLocalCache } from '@mcpgen/build-cache';

const directory = mkdtempSync(join(tmpdir(), 'remember-a-step-'));
const out = join(directory, 'out');
const cache = openLocalCache({
  directory: join(directory, '.cache/mcpgen'),
  now: Date.now,
  onEvent: (event) => {
    if (event.type === 'failed' || event.type === 'damaged') process.stderr.write(`${JSON.stringify(event)}\n`);
  },
});

let runs = 0;

/** Upper-cases a text into a file, or finds that it did so before. */
async function build(source: string): Promise<string> {
  const key = digestOf(`upper-case 1\n${source}`);
  const hit = await cache.lookup(key, 'upper-case');
  if (hit === undefined || !(await hit.restore(out))) {
    runs++;
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, 'text.txt'), source.toUpperCase());
    const value = { length: source.length };
    await cache.store({ key, step: 'upper-case', directory: out, paths: ['text.txt'], value, duration: 5 });
  }
  return readFileSync(join(out, 'text.txt'), 'utf8');
}

assert.equal(await build('hello'), 'HELLO');
assert.equal(await build('other'), 'OTHER');
assert.equal(await build('hello'), 'HELLO');
assert.equal(runs, 2);

const { run } = await cache.stats();
assert.deepEqual([run.total.hits, run.total.misses, run.total.timeSaved], [1, 2, 5]);
await cache.close();
rmSync(directory, { recursive: true });
