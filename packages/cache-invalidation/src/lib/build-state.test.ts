import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '@mcpgen/build-cache';
import { temporaryDirectory } from '@mcpgen/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appendBuildState, buildStateVersion, readBuildState, type StepState, writeBuildState } from './build-state.ts';

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

describe('appendBuildState', () => {
  const later = { ...empty, key: digestOf('later') };
  const many = new Map(Array.from({ length: 20 }, (_, index) => [`bundle:${index}`, state]));

  it('adds steps and replaces them, and names each state', async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'state');
    writeBuildState(file, { steps: many });
    const before = buildStateVersion(file);
    expect(appendBuildState(file, { steps: new Map([['bundle:3', later]]) })).toBe(true);
    expect(appendBuildState(file, { steps: new Map([['new', later]]) })).toBe(true);
    const { steps, version } = readBuildState(file);
    expect([steps.size, steps.get('bundle:3')?.key, steps.get('new')?.key]).toEqual([21, later.key, later.key]);
    expect(version).toBe(buildStateVersion(file));
    expect(version).not.toBe(before);
  });

  it('loses of a torn or damaged entry only that entry, and says that something is missing', async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'state');
    writeBuildState(file, { steps: many });
    appendBuildState(file, { steps: new Map([['first', later]]) });
    const whole = await readFile(`${file}.journal`);
    for (let cut = 1; cut < whole.length; cut++) {
      await writeFile(`${file}.journal`, whole.subarray(0, cut));
      appendBuildState(file, { steps: new Map([['second', later]]) });
      const { steps, version } = readBuildState(file);
      expect([steps.size, steps.has('first'), steps.has('second'), version]).toEqual([21, false, true, undefined]);
    }
  });

  it('adds nothing to no state, or more than the state is worth, and is forgotten when the state is written', async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'state');
    expect(appendBuildState(file, { steps: many })).toBe(false);
    writeBuildState(file, { steps: new Map([['bundle:a', state]]) });
    const bulky = { ...state, value: 'x'.repeat(65_536) };
    expect(appendBuildState(file, { steps: new Map([['bundle:a', bulky]]) })).toBe(false);
    writeBuildState(file, { steps: many });
    appendBuildState(file, { steps: new Map([['gone', later]]) });
    const journal = await readFile(`${file}.journal`);
    writeBuildState(file, { steps: new Map([...many, ['other', state]]) });
    await writeFile(`${file}.journal`, journal);
    expect(readBuildState(file).steps.has('gone')).toBe(false);
  });
});
