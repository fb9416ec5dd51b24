import { rmSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Project, project, readTree } from '../../test/project.ts';
import { digestOf } from './digest.ts';
import type { LocalCache } from './local-cache.ts';

type Files = Readonly<Record<string, string>>;

/** Small enough for the manifest, above its limit, shared between entries. */
const CONTENTS = ['', 'x', 'tiny '.repeat(9), 'body '.repeat(900), 'shared '.repeat(800)];

const KEYS = ['a', 'b', 'c', 'd'];

describe('openLocalCache, against a Map', () => {
  const key = fc.constantFrom(...KEYS);
  const files = fc.dictionary(fc.constantFrom('m.js', 'deep/n.js', 'deep/er/o.js*'), fc.constantFrom(...CONTENTS));
  const operation = fc.oneof(
    { weight: 4, arbitrary: fc.record({ type: fc.constant('put' as const), key, files }) },
    { weight: 4, arbitrary: fc.record({ type: fc.constant('get' as const), key }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('damage' as const), file: fc.nat(), at: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('prune' as const), maxBytes: fc.nat(12_000) }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('reopen' as const) }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('clear' as const) }) },
  );

  it('gives back what was stored first, or misses where it was damaged or evicted', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 30 }), async (operations) => {
        await using p = await project();
        let cache = p.open();
        /** What each key holds, and whether it must still be there. */
        const model = new Map<string, { files: Files; certain: boolean }>();
        const doubt = () => {
          for (const [name, known] of model) model.set(name, { ...known, certain: false });
        };
        for (const step of operations) {
          switch (step.type) {
            case 'put': {
              const known = model.get(step.key);
              await p.keep(cache, step.key, step.files);
              // An entry that may have gone may have been replaced: look which of the two it is.
              const kept =
                known === undefined || known.certain ? known?.files : await firstOf(p, cache, step.key, known.files);
              model.set(step.key, { files: kept ?? step.files, certain: known?.certain ?? true });
              break;
            }
            case 'get': {
              const found = await get(p, cache, step.key);
              const known = model.get(step.key);
              if (known?.certain === true || found !== undefined) expect(found).toEqual(known?.files);
              else model.delete(step.key);
              break;
            }
            case 'damage':
              if (await damage(p.store, step.file, step.at)) doubt();
              break;
            case 'prune':
              await cache.prune({ maxBytes: step.maxBytes, grace: 0 });
              doubt();
              break;
            case 'reopen':
              await cache.close();
              cache = p.open();
              break;
            case 'clear':
              await cache.clear();
              model.clear();
              break;
            default:
              step satisfies never;
          }
        }
        expect(p.events.ofType('failed')).toEqual([]);
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});

async function get(p: Project, cache: LocalCache, name: string): Promise<Files | undefined> {
  rmSync(p.back, { recursive: true, force: true });
  const hit = await cache.lookup(digestOf(name));
  if (hit === undefined || !(await hit.restore(p.back))) {
    expect(await readTree(p.back)).toEqual({});
    return undefined;
  }
  return readTree(p.back);
}

async function firstOf(p: Project, cache: LocalCache, name: string, files: Files): Promise<Files | undefined> {
  const found = await get(p, cache, name);
  return JSON.stringify(found) === JSON.stringify(sorted(files)) ? files : undefined;
}

function sorted(files: Files): Files {
  return Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Flips a bit of one file of the store, or truncates it. */
async function damage(store: string, which: number, at: number): Promise<boolean> {
  await mkdir(store, { recursive: true });
  const names = await readdir(store, { recursive: true, withFileTypes: true });
  const files = names.filter((name) => name.isFile() && /^[a-f0-9]{64}$/.test(name.name));
  const chosen = files[which % Math.max(1, files.length)];
  if (chosen === undefined) return false;
  const file = join(chosen.parentPath, chosen.name);
  const bytes = await readFile(file);
  const offset = at % Math.max(1, bytes.length);
  bytes[offset] = (bytes[offset] ?? 0) ^ 1;
  await chmod(file, 0o644);
  await writeFile(file, at % 3 === 0 ? bytes.subarray(0, offset) : bytes);
  return true;
}
