import { readFileSync } from 'node:fs';
import { assetDirectory } from './asset-directory.ts';

const FILES = ['validator.js', 'issues.js'];
/** What each part of the files in runtime/ uses of the others. */
const PARTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['codePoints', []],
  ['equal', []],
  ['namePattern', []],
  ['isMultiple', []],
  ['twins', []],
  ['isDate', []],
  ['isTime', []],
  ['isDateTime', ['isDate', 'isTime']],
  ['isUri', []],
  ['isRegex', []],
  ['isBase64', []],
  ['isSmall', []],
  ['shown', []],
  ['typeOf', []],
  ['valueAt', []],
  ['oneOf', ['shown']],
  ['counted', []],
  ['sentences', ['shown', 'typeOf', 'oneOf', 'counted']],
  ['issueOf', ['sentences', 'valueAt']],
  ['unionIssue', ['issueOf', 'oneOf', 'shown', 'typeOf', 'valueAt']],
  ['issuesOf', ['issueOf', 'unionIssue']],
]);

/** The declarations that are needed, in the order of the file. */
export function partsText(names: readonly string[]): string {
  const needed = new Set<string>();
  const add = (name: string): void => {
    if (needed.has(name)) return;
    needed.add(name);
    for (const other of PARTS.get(name) ?? []) add(other);
  };
  for (const name of names) add(name);
  return [...declarations()]
    .filter(([name]) => needed.has(name))
    .map(([, text]) => text)
    .join('');
}

let cached: ReadonlyMap<string, string> | undefined;

function declarations(): ReadonlyMap<string, string> {
  cached ??= new Map(
    FILES.flatMap((file) =>
      readFileSync(new URL(file, assetDirectory('runtime')), 'utf8')
        .split(/^export /m)
        .slice(1),
    ).map((text) => [
      /^(?:function|const) (\w+)/.exec(text)?.[1] ?? '',
      `${text.replace(/\n\/\*\*[\s\S]*$/, '').trimEnd()}\n`,
    ]),
  );
  return cached;
}
