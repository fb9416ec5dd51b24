import { globSync } from 'node:fs';
import { describe, it } from 'vitest';
import { expectNone } from './problems.ts';
import { readSource } from './source-file.ts';
import { findSources, readPackages, root } from './workspace.ts';

const longestFile = 250;
const longestFunction = 60;

/** Longer than the rule, and why. `file` for a file, `file: function` for a function. */
const exceptions: Readonly<Record<string, string>> = {
  'packages/server/src/lib/authoring/define.ts':
    'the whole of what authors write against, read in one sitting; nearly all types',
};

const files = [
  ...readPackages().flatMap(findSources),
  ...globSync(['scripts/**/*.ts', 'test/*.ts', 'examples/*/{tools,connectors,src}/**/*.ts', 'examples/*/*.ts'], {
    cwd: root,
  }).sort(),
];
const tooLong = files.flatMap(findTooLong);

describe('size', () => {
  it(`keeps files within ${longestFile} lines and functions within ${longestFunction}`, () => {
    const unexpected = tooLong.filter(({ key }) => exceptions[key] === undefined);
    expectNone(unexpected.map(({ key, line, lines }) => `${key} (line ${line}) has ${lines} lines`));
  });

  it('has no exception that is not used', () => {
    const used = new Set(tooLong.map(({ key }) => key));
    expectNone(Object.keys(exceptions).filter((key) => !used.has(key)));
  });
});

function findTooLong(path: string): readonly { key: string; line: number; lines: number }[] {
  const { lines, functions } = readSource(path);
  const ofFile = lines > longestFile ? [{ key: path, line: 1, lines }] : [];
  const isTest = path.endsWith('.test.ts');
  const ofFunctions = functions
    .filter((measured) => !isTest && measured.lines > longestFunction)
    .map((measured) => ({ key: `${path}: ${measured.name}`, line: measured.line, lines: measured.lines }));
  return [...ofFile, ...ofFunctions];
}
