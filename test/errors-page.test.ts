import { describe, expect, it } from 'vitest';
import { readErrorTable, renderErrorsPage } from '../scripts/errors-doc.ts';
import { expectNone } from './problems.ts';
import { readSource } from './source-file.ts';
import { findFiles, hasFile, type Member, readPublicPackages, readText } from './workspace.ts';

const packages = readPublicPackages();

describe('error codes', () => {
  it.each(packages)('of $name are the rows of its README table', (member) => {
    const inCode = codesOf(member);
    const rows = hasFile(readmeOf(member)) ? readErrorTable(readText(readmeOf(member))) : [];
    const inReadme = rows.map((row) => row.code);
    expectNone([
      ...inCode.filter((code) => !inReadme.includes(code)).map((code) => `${readmeOf(member)} lacks a row for ${code}`),
      ...inReadme.filter((code) => !inCode.includes(code)).map((code) => `${readmeOf(member)} explains ${code}: gone`),
      ...rows.filter((row) => row.meaning === '' || row.advice === '').map((row) => `${row.code} is not explained`),
    ]);
  });

  it('belong to one package each', () => {
    const owners = new Map<string, string>();
    const problems = packages.flatMap((member) =>
      codesOf(member).flatMap((code) => {
        const owner = owners.get(code);
        owners.set(code, member.name);
        return owner === undefined ? [] : [`${code} is a code of ${owner} and of ${member.name}`];
      }),
    );
    expectNone(problems);
  });

  it('are all in docs/errors.md: regenerate it by `node scripts/errors-doc.ts`', () => {
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

/** The codes in errors.ts: its string literals in capitals with an underscore. */
function codesOf(member: Member): readonly string[] {
  const files = findFiles(member, 'src/lib/**/errors.ts');
  const strings = files.flatMap((path) => [...readSource(path).strings]);
  return [...new Set(strings.filter((text) => /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(text)))].sort();
}

function readmeOf(member: Member): string {
  return `${member.directory}/README.md`;
}
