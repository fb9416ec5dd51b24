import { readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeTree } from '@mcpgen/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deadline, effort } from '../../test/effort.ts';
import { type Project, project, readTree } from '../../test/project.ts';
import { untilSettled } from '../../test/settle.ts';
import { digestOf } from './digest.ts';

const PATHS = Array.from({ length: 36 }, (_, index) => `d${index % 3}/f${index}.js`);

/** Of few contents and sizes, so that files are taken for each other where they can be. */
const CONTENTS = ['a', 'b', 'c'].flatMap((letter) => [letter.repeat(10), letter.repeat(3000)]);

const path = fc.constantFrom(...PATHS.slice(0, 6));
const content = fc.constantFrom(...CONTENTS);
const key = fc.constantFrom('k', 'l', 'm', 'n');

/** What people, programs and disks do between two builds. */
const operation = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('write' as const), path, content }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('write with the old time' as const), path, content }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('replace with the old time' as const), path, content }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('exchange' as const), path, other: path }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('touch' as const), path }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('wait' as const) }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constant('store' as const), key }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('restore' as const), key }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('restore in place' as const), key }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('prune' as const), maxBytes: fc.nat(20_000) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('damage' as const), file: fc.nat(), at: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('clear' as const) }) },
);

type Files = Readonly<Record<string, string>>;

describe('a store that remembers what it stored, with and without links, against a Map', () => {
  it(
    'never gives back other bytes than those that were there',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.boolean(),
          fc.array(operation, { minLength: 5, maxLength: 25, size: 'max' }),
          async (links, operations) => {
            await using p = await project({ links });
            await writeTree(p.out, Object.fromEntries(PATHS.map((name, index) => [name, CONTENTS[index % 6] ?? ''])));
            /** What lay there whenever something was stored under a key: the first that was kept is what it gives back. */
            const model = new Map<string, Files[]>();
            for (const step of operations) await perform(p, step, model);
            expect(p.events.ofType('failed')).toEqual([]);
          },
        ),
        { numRuns: effort(120, 5000) },
      );
    },
    deadline,
  );
});

type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

async function perform(p: Project, step: Operation, model: Map<string, Files[]>): Promise<void> {
  const cache = p.open();
  switch (step.type) {
    case 'wait':
      return untilSettled(p.out);
    case 'prune':
      await cache.prune({ maxBytes: step.maxBytes, grace: -1000 });
      return;
    case 'clear':
      return cache.clear();
    case 'damage':
      return damage(p.store, step.file, step.at);
    case 'store': {
      const now = digests(await readTree(p.out));
      const { files } = await p.put(cache, step.key, PATHS);
      expect(Object.fromEntries(files.map((file) => [file.path, file.digest]))).toEqual(now);
      model.set(step.key, [...(model.get(step.key) ?? []), now]);
      return cache.close();
    }
    case 'restore':
    case 'restore in place': {
      const back = step.type === 'restore' ? p.back : p.out;
      const hit = await cache.lookup(digestOf(step.key));
      if ((await hit?.restore(back)) === true)
        expect(model.get(step.key)).toContainEqual(digests(await readTree(back)));
      return;
    }
    default:
      return edit(p.out, step);
  }
}

type Edit = Extract<Operation, { path: string }>;

function edit(out: string, step: Edit): void {
  const file = join(out, step.path);
  const { atime, mtime } = statSync(file);
  switch (step.type) {
    case 'write':
      writeFileSync(file, step.content);
      break;
    case 'write with the old time':
      writeFileSync(file, step.content);
      utimesSync(file, atime, mtime);
      break;
    case 'replace with the old time':
      writeFileSync(`${file}.new`, step.content);
      utimesSync(`${file}.new`, atime, mtime);
      renameSync(`${file}.new`, file);
      break;
    case 'exchange':
      renameSync(file, `${file}.old`);
      if (step.other !== step.path) renameSync(join(out, step.other), file);
      renameSync(`${file}.old`, join(out, step.other));
      break;
    case 'touch':
      utimesSync(file, 1, 1);
      break;
    default:
      step satisfies never;
  }
}

function digests(files: Files): Files {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [name, digestOf(text)]));
}

/** Flips a bit of any file of the store, cuts it off, or takes it away: bodies, manifests and what is remembered. */
function damage(store: string, which: number, at: number): void {
  const names = readdirSync(join(store, '..'), { recursive: true, withFileTypes: true });
  const files = names.filter((name) => name.isFile() && name.parentPath.startsWith(`${store}/v1/`));
  const chosen = files[which % Math.max(1, files.length)];
  if (chosen === undefined) return;
  const file = join(chosen.parentPath, chosen.name);
  const bytes = readFileSync(file);
  const offset = at % Math.max(1, bytes.length);
  bytes[offset] = (bytes[offset] ?? 0) ^ (1 << (at % 8));
  rmSync(file);
  if (at % 5 > 0) writeFileSync(file, at % 3 === 0 ? bytes.subarray(0, offset) : bytes);
}
