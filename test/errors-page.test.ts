import { describe, expect, it } from 'vitest';
import { readErrorTable, renderErrorsPage } from '../scripts/errors-doc.ts';
import { findErrorCodes } from './error-codes.ts';
import { expectNone } from './problems.ts';
import { readSource } from './source-file.ts';
import { findSources, hasFile, type Member, readPublicPackages, readText } from './workspace.ts';

/** Codes of two packages, and why they are one. */
const shared: Readonly<Record<string, string>> = {
  CONNECTOR_MISSING: 'found by the generator when a server is built, by the runtime when it is started',
  DEFINITION_INVALID: 'found by the generator when a server is built, by the runtime when it is started',
};

const exitCodeFile = 'apps/cli/src/lib/exit-code.ts';
const packages = readPublicPackages();

describe('error codes', () => {
  it.each(packages)('of $name are the rows of its README table', (member) => {
    const inCode = findErrorCodes(member);
    const rows = hasFile(readmeOf(member)) ? readErrorTable(readText(readmeOf(member))) : [];
    const inReadme = rows.map((row) => row.code);
    const missing = inCode.filter((code) => !inReadme.includes(code));
    const gone = inReadme.filter((code) => !inCode.includes(code));
    expectNone([
      ...(missing.length > 0 ? [`${readmeOf(member)}, section "Errors", lacks ${missing.join(', ')}`] : []),
      ...(gone.length > 0 ? [`${readmeOf(member)}, section "Errors", explains what is gone: ${gone.join(', ')}`] : []),
      ...rows.filter((row) => row.meaning === '' || row.advice === '').map((row) => `${row.code} is not explained`),
    ]);
  });

  it('belong to one package each', () => {
    const owners = new Map<string, string>();
    const problems = packages.flatMap((member) =>
      findErrorCodes(member).flatMap((code) => {
        const owner = owners.get(code);
        owners.set(code, member.name);
        return owner === undefined || shared[code] !== undefined
          ? []
          : [`${code} is a code of ${owner} and of ${member.name}`];
      }),
    );
    expectNone(problems);
  });

  it('that decide the exit code are codes of a package or of Node', () => {
    const cli = packages.filter((member) => member.name === 'mcpgen').flatMap(findSources);
    const inCli = cli.filter((path) => path !== exitCodeFile).flatMap((path) => [...readSource(path).strings]);
    const known = new Set([...packages.flatMap(findErrorCodes), ...inCli]);
    const inTable = [...readSource(exitCodeFile).strings].filter((text) => /^[A-Z_]+$/.test(text));
    const unknown = inTable.filter((code) => !known.has(code) && !/^(E[A-Z_]+|ABORT_ERR|ERR_[A-Z_]+)$/.test(code));
    expectNone(unknown.map((code) => `${exitCodeFile} names ${code}, which nothing throws`));
  });

  it('are all in docs/errors.md: regenerate it by `pnpm errors-doc`', () => {
    expect(hasFile('docs/errors.md') ? readText('docs/errors.md') : '').toBe(renderErrorsPage());
  });
});

describe('readErrorTable', () => {
  it('reads the rows of the section and no others', () => {
    const readme =
      '# x\n\n| `A_B` | no | no |\n\n## Errors\n\n| code | m | w |\n|---|---|---|\n| `C_D` | m \\| n | w |\n\n## Limits\n\n| `E_F` | no | no |\n';
    expect(readErrorTable(readme)).toEqual([{ code: 'C_D', meaning: 'm \\| n', advice: 'w' }]);
  });
});

function readmeOf(member: Member): string {
  return `${member.directory}/README.md`;
}
