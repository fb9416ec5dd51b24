import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exitCodes } from '../apps/cli/src/lib/exit-code.ts';
import { expectNone } from './problems.ts';
import { readText, root } from './workspace.ts';

const page = readText('docs/cli.md');
const sections = new Map(
  page.split(/^### `mcpgen /m).flatMap((text, index): readonly (readonly [string, string])[] => {
    const command = /^([a-z]+( [a-z]+)?)/.exec(text)?.[1];
    return index === 0 || command === undefined ? [] : [[command, text.split(/^## /m)[0] ?? '']];
  }),
);

/** Told once for all commands. */
const common = new Set(['--json', '--help', '--version']);

/** Commands with commands of their own, and which of these runs where none is named. */
const groups: ReadonlyMap<string, string | undefined> = new Map([
  ['cache', undefined],
  ['dockerfile', 'print'],
  ['image', undefined],
]);

describe('docs/cli.md', () => {
  it('has a section for each command', () => {
    const names = (help: string) => flagLines(help, 'COMMANDS').map((line) => line.split(/\s+/)[0] ?? '');
    const commands = names(readHelp()).flatMap((name) => {
      if (!groups.has(name)) return [name];
      const inner = names(readHelp(name));
      return inner.map((command) => (command === groups.get(name) ? name : `${name} ${command}`));
    });
    expect([...sections.keys()].sort()).toEqual(commands.sort());
  });

  it.each([...sections])('explains the flags of mcpgen %s', (command, text) => {
    const help = readHelp(`${command} ${groups.get(command) ?? ''}`);
    const lines = flagLines(help, 'FLAGS').map((line) => line.match(/--[a-z][a-z-]*/g) ?? []);
    const known = new Set(lines.flat());
    const missing = lines.filter((flags) => flags.length > 0 && !flags.some((flag) => isNamed(text, flag)));
    const gone = [...text.matchAll(/--[a-z][a-z-]*/g)].filter(([flag]) => !known.has(flag)).map(([flag]) => flag);
    expectNone([
      ...missing.map(([flag]) => `docs/cli.md: "mcpgen ${command}" has ${flag}, which its section does not name`),
      ...gone.map((flag) => `docs/cli.md: "mcpgen ${command}" has no ${flag}`),
    ]);
  });

  it('lists the exit codes', () => {
    const listed = [...page.matchAll(/^\| (\d+) +\|/gm)].map(([, code]) => Number(code));
    expect(listed).toEqual(Object.values(exitCodes));
  });
});

function isNamed(text: string, flag: string): boolean {
  return common.has(flag) || text.includes(`\`${flag}`);
}

function readHelp(command = ''): string {
  const flags = ['--conditions=@mcpgen/source', '--disable-warning=ExperimentalWarning'];
  const words = command.split(' ').filter((word) => word !== '');
  const args = [...flags, join(root, 'apps/cli/src/bin.ts'), ...words, '--help'];
  return execFileSync(process.execPath, args, { encoding: 'utf8' });
}

/** The lines under a heading of the help. */
function flagLines(help: string, heading: string): readonly string[] {
  const lines = help.split('\n').map((line) => line.trim());
  const start = lines.indexOf(heading) + 1;
  const end = lines.indexOf('', start);
  return lines.slice(start, end === -1 ? undefined : end);
}
