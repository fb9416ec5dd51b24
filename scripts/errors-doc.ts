/**
 * Writes docs/errors.md from the "Errors" tables of the packages' READMEs: `pnpm errors-doc`.
 * A test holds the page, the tables and the codes in the source together.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One row of a README's table of errors. */
export interface DocumentedError {
  readonly code: string;
  readonly meaning: string;
  readonly advice: string;
}

const root = join(import.meta.dirname, '..');

/** The rows under `## Errors`, in their order. */
export function readErrorTable(readme: string): readonly DocumentedError[] {
  const section = /^## Errors\n(.*?)(?=^## |$(?![\s\S]))/ms.exec(readme)?.[1] ?? '';
  return section.split('\n').flatMap((line) => {
    const [, code, meaning = '', advice = ''] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    const name = /^`([A-Z][A-Z0-9_]*)`$/.exec(code ?? '')?.[1];
    return name === undefined ? [] : [{ code: name, meaning, advice }];
  });
}

/** The whole page, from what lies in the working tree. */
export function renderErrorsPage(): string {
  const sections = ['apps', 'packages'].flatMap((parent) =>
    readdirSync(join(root, parent))
      .sort()
      .map((name) => renderSection(`${parent}/${name}`)),
  );
  return [
    '# Errors',
    '',
    'Every error has a `code` that stays the same from release to release: compare `error.code`, never the message and',
    'never by `instanceof`. The command line shows the code, one sentence, and what to do; with `--json` they are the',
    'fields `code`, `message` and `fix`.',
    '',
    'This page is generated from the READMEs by `pnpm errors-doc`.',
    '',
    ...sections.filter((section) => section !== ''),
  ].join('\n');
}

function renderSection(directory: string): string {
  const path = join(root, directory, 'README.md');
  const errors = existsSync(path) ? readErrorTable(readFileSync(path, 'utf8')) : [];
  if (errors.length === 0) return '';
  const { name } = JSON.parse(readFileSync(join(root, directory, 'package.json'), 'utf8')) as { name: string };
  const rows = errors.map(({ code, meaning, advice }) => `| \`${code}\` | ${meaning} | ${advice} |`);
  const table = ['| code | meaning | what to do |', '| --- | --- | --- |', ...rows].join('\n');
  return `## [${name}](../${directory}/README.md)\n\n${table}\n`;
}

if (import.meta.main) writeFileSync(join(root, 'docs/errors.md'), renderErrorsPage());
