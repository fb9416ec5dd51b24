import { describe, expect, it } from 'vitest';
import { findErrorCodes } from './error-codes.ts';
import { expectNone } from './problems.ts';
import { findFiles, hasFile, type Member, readExamples, readPublicPackages, readText } from './workspace.ts';

const libraries = readPublicPackages().filter((member) => member.name !== 'mcpgen');

describe('READMEs', () => {
  it.each(libraries)('$name: one sentence, install, use, capabilities, errors, limits, related', (member) => {
    const readme = readReadme(member);
    expect(readme.split('\n')[0]).toBe(`# ${member.name}`);
    expect(readme.split('\n\n')[1]).toMatch(/^[A-Z`].+\.$/s);
    expectNone(orderProblems(member, readme));
  });

  it.each(libraries)('$name keeps its example as a file that runs, and points to it', (member) => {
    const readme = readReadme(member);
    const examples = findFiles(member, 'examples/*.ts');
    expect(examples, `${member.directory}/examples holds no example`).not.toEqual([]);
    const unnamed = examples.filter((path) => !readme.includes(path.slice(`${member.directory}/`.length)));
    expectNone(unnamed.map((path) => `${member.directory}/README.md does not name ${path}`));
  });

  it.each([...readPublicPackages(), ...readExamples()])('$directory/README.md has no dead link', (member) => {
    const readme = hasFile(`${member.directory}/README.md`) ? readText(`${member.directory}/README.md`) : '';
    expectNone(deadLinks(`${member.directory}/README.md`, readme));
  });

  it.each(['README.md', 'CONTRIBUTING.md', 'docs/getting-started.md', 'docs/tools.md', 'docs/cli.md'])(
    '%s has no dead link',
    (path) => expectNone(deadLinks(path, readText(path))),
  );

  it('of the root names every package and example', () => {
    const readme = readText('README.md');
    const members = [
      ...readPublicPackages(),
      ...readExamples().filter((member) => hasFile(`${member.directory}/check.ts`)),
    ];
    const missing = members.filter((member) => !readme.includes(`(${member.directory})`));
    expectNone(missing.map((member) => `README.md does not link to ${member.directory}`));
  });
});

function readReadme(member: Member): string {
  const path = `${member.directory}/README.md`;
  if (!hasFile(path)) throw new Error(`${path} is missing`);
  return readText(path);
}

/** How to install it and an example come before the first capability; errors, limits and relatives come last. */
function orderProblems(member: Member, readme: string): readonly string[] {
  const path = `${member.directory}/README.md`;
  const [intro = ''] = readme.split(/^## (?!Install$|Use$|Usage$|Example$)/m);
  const [before = '', after = ''] = intro.split(`npm install ${member.name}\n`);
  const headings = [...withoutCode(readme).matchAll(/^## (.+)$/gm)].map(([, heading = '']) => heading);
  const last = [...(findErrorCodes(member).length > 0 ? ['Errors'] : []), 'Limits', 'Related packages'];
  return [
    ...(before === intro ? [`${path} does not begin with "npm install ${member.name}"`] : []),
    ...(after.includes('```ts\n') ? [] : [`${path} shows no example before its first section`]),
    ...(headings.slice(-last.length).join() === last.join() ? [] : [`${path} does not end with ${last.join(', ')}`]),
  ];
}

/** Links to files of this repository that are not there. */
function deadLinks(path: string, text: string): readonly string[] {
  const directory = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.';
  return [...withoutCode(text).matchAll(/\]\(([^)#\s]+)(#[^)]*)?\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target) && !hasFile(`${directory}/${target}`))
    .map((target) => `${path} links to ${target}, which is not there`);
}

function withoutCode(markdown: string): string {
  return markdown.replaceAll(/^```.*?^```/gms, '');
}
