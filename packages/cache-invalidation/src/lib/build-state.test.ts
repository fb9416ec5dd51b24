import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '@mcpgen/build-cache';
import { temporaryDirectory } from '@mcpgen/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBuildState, type StepState, writeBuildState } from './build-state.ts';

const state: StepState = {
  key: digestOf('key'),
  components: { 'file:a.ts': '0123456789abcdef', 'option:line': '"a\\nb"' },
  output: digestOf('output'),
  value: { schema: { b: 1, a: 'line\nbreak' } },
  duration: 12.5,
  outputs: [{ path: 'modules/a.js', size: 1, mtime: 2, ctime: 3, ino: 4, mode: 0o644 }],
};

const empty: StepState = { ...state, components: {}, value: null, outputs: [] };

function plain({ key, components, output, value, duration, outputs }: StepState): StepState {
  return { key, components, output, value, duration, outputs };
}

describe('readBuildState', () => {
  it('gives back what was written, twice over', async () => {
    await using directory = await temporaryDirectory();
    const [file, again] = [join(directory.path, 'deep/state'), join(directory.path, 'again')];
    const steps = new Map([
      ['bundle:a', state],
      ['typecheck', empty],
      ['', state],
    ]);
    expect(writeBuildState(file, { steps })).toBe(true);
    expect(writeBuildState(again, readBuildState(file))).toBe(true);
    const read = readBuildState(again).steps;
    expect([...read].map(([name, step]) => [name, plain(step)])).toEqual([...steps]);
    expect(await readFile(again)).toEqual(await readFile(file));
  });

  it('is empty where there is no file, and where one is damaged in any byte', async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'state');
    expect(readBuildState(file).steps.size).toBe(0);
    writeBuildState(file, { steps: new Map([['bundle:a', state]]) });
    const bytes = await readFile(file);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(bytes.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (at, bits, cut) => {
          const copy = Buffer.from(bytes);
          copy[at] = (copy[at] ?? 0) ^ bits;
          await writeFile(file, cut ? bytes.subarray(0, at) : copy);
          expect(readBuildState(file).steps.size).toBe(0);
        },
      ),
    );
  });

  it('says when it cannot be written', async () => {
    await using directory = await temporaryDirectory();
    await writeFile(join(directory.path, 'file'), '');
    expect(writeBuildState(join(directory.path, 'file/state'), { steps: new Map() })).toBe(false);
  });
});
