import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deadline, effort } from '../../test/effort.ts';
import { type Project, project, readTree } from '../../test/project.ts';
import { digestOf } from './digest.ts';

const ENTRIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  small: { 'a.js': 'a', 'b/c.js': 'c'.repeat(100) },
  body: { 'main.js*': 'main '.repeat(700) },
  shared: { 'x.js': 'main '.repeat(700), 'y.js': 'yes '.repeat(800) },
};

/** At least. */
const DAMAGES = effort(2000, 20_000);

const VALUES = { name: 'echo', schema: { type: 'object' } };

/** Ways in which a disk, a power cut or a person changes a stored file. */
const DAMAGE: Readonly<Record<string, (bytes: Buffer, at: number, other: Buffer) => Buffer | undefined>> = {
  'flip a bit': (bytes, at) => {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[at % copy.length] = (copy[at % copy.length] ?? 0) ^ (1 << (at % 8));
    return copy;
  },
  truncate: (bytes, at) => bytes.subarray(0, at % Math.max(1, bytes.length)),
  delete: () => undefined,
  swap: (_bytes, _at, other) => other,
  'fill with zeros': (bytes) => Buffer.alloc(bytes.length),
  append: (bytes, at) => Buffer.concat([bytes, Buffer.from(String(at))]),
  tamper: (bytes) => Buffer.from(bytes.toString('latin1').replace('main', 'evil').replace('echo', 'evil'), 'latin1'),
};

describe('openLocalCache, with its files damaged', () => {
  it(
    `restores no wrong byte in ${DAMAGES} random damages, and heals each`,
    async () => {
      await using p = await project();
      await fillStore(p);
      const damage = fc.record({
        way: fc.constantFrom(...Object.keys(DAMAGE)),
        file: fc.nat(),
        other: fc.nat(),
        at: fc.nat(),
      });
      let [noticed, damaged] = [0, 0];
      await fc.assert(
        fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 5, size: 'max' }), async (damages) => {
          damaged += damages.length;
          for (const { way, file, other, at } of damages)
            damageStore(p.store, DAMAGE[way] ?? (() => undefined), file, other, at);
          noticed += await checkEntries(p);
          await fillStore(p);
          expect(await checkEntries(p)).toBe(0);
          for (const name of ['quarantine', 'tmp']) rmSync(join(p.store, 'v1', name), { recursive: true, force: true });
        }),
        { numRuns: DAMAGES / 2.5, endOnFailure: true },
      );
      // The damages were real ones: most of them cost an entry.
      expect(damaged).toBeGreaterThanOrEqual(DAMAGES);
      expect(noticed).toBeGreaterThan(DAMAGES / 4);
    },
    deadline,
  );
});

async function fillStore(p: Project): Promise<void> {
  const cache = p.open();
  for (const [name, files] of Object.entries(ENTRIES)) await p.keep(cache, name, files, VALUES);
}

/** Looks all entries up and restores them. Gives back how many were not there; fails for any wrong byte. */
async function checkEntries(p: Project): Promise<number> {
  const cache = p.open();
  let missing = 0;
  for (const [name, files] of Object.entries(ENTRIES)) {
    rmSync(p.back, { recursive: true, force: true });
    const hit = await cache.lookup(digestOf(name));
    if (hit !== undefined) expect(hit.entry.value).toEqual(VALUES);
    if ((await hit?.restore(p.back)) === true) {
      expect(await readTree(p.back)).toEqual(files);
    } else {
      missing++;
      expect(await readTree(p.back)).toEqual({});
    }
  }
  return missing;
}

function damageStore(
  store: string,
  change: (bytes: Buffer, at: number, other: Buffer) => Buffer | undefined,
  which: number,
  otherWhich: number,
  at: number,
): void {
  const files = readdirSync(store, { recursive: true, withFileTypes: true })
    .filter((name) => name.isFile())
    .map((name) => join(name.parentPath, name.name));
  const [file, other] = [files[which % files.length], files[otherWhich % files.length]];
  if (file === undefined || other === undefined) return;
  const changed = change(readFileSync(file), at, readFileSync(other));
  rmSync(file);
  if (changed !== undefined) writeFileSync(file, changed);
}
