import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectNone } from './problems.ts';
import {
  hasFile,
  readExamples,
  readPackages,
  readPublicPackages,
  readRootManifest,
  readText,
  root,
} from './workspace.ts';

const published = readPublicPackages();

describe('packages', () => {
  it.each(published)('$name can be published', ({ directory, manifest }) => {
    expect(manifest).toMatchObject({
      license: 'Apache-2.0',
      type: 'module',
      engines: { node: '>=22.18' },
      publishConfig: { access: 'public' },
    });
    expect(manifest.description).toMatch(/^[A-Z].+\.$/);
    expect(hasFile(`${directory}/README.md`), `${directory}/README.md is missing`).toBe(true);
  });

  it.each(readPackages())('$name has the tasks that Turborepo runs', ({ manifest }) => {
    const tasks = manifest.private === true ? ['typecheck', 'test'] : ['build', 'typecheck', 'test'];
    expect(Object.keys(manifest.scripts ?? {})).toEqual(expect.arrayContaining(tasks));
  });

  it.each(readExamples())('$directory is private and type-checked, and a check of it is a test', (member) => {
    const { manifest, directory } = member;
    expect(manifest.private).toBe(true);
    expect(manifest.scripts).toHaveProperty('typecheck');
    if (hasFile(`${directory}/check.ts`)) expect(manifest.scripts?.test).toBe(manifest.scripts?.check);
  });

  it.each(published)('$name tests its public names', ({ directory }) => {
    expect(hasFile(`${directory}/test/package.test.ts`), `${directory}/test/package.test.ts is missing`).toBe(true);
  });
});

describe('turbo.json', () => {
  it('has the tasks that scripts call', () => {
    const turbo = JSON.parse(readText('turbo.json')) as { tasks: Readonly<Record<string, unknown>> };
    expect(Object.keys(turbo.tasks)).toEqual(expect.arrayContaining(['sources', 'build', 'typecheck', 'test']));
  });

  it('comes with the root scripts that the README and CONTRIBUTING.md name', () => {
    const scripts = Object.keys(readRootManifest().scripts ?? {});
    expect(scripts).toEqual(
      expect.arrayContaining(['mcpgen', 'test', 'test:rules', 'examples', 'pack-check', 'format']),
    );
  });
});

describe('changesets', () => {
  const config = JSON.parse(readText('.changeset/config.json')) as { readonly [key: string]: unknown };

  it('are set up to publish in the open, and leave private packages alone', () => {
    expect(config).toMatchObject({
      access: 'public',
      baseBranch: 'main',
      commit: false,
      privatePackages: { version: false, tag: false },
    });
  });

  it('name public packages and say what changed in one imperative line', () => {
    const names = published.map((member) => member.name);
    const files = readdirSync(join(root, '.changeset')).filter((name) => name.endsWith('.md') && name !== 'README.md');
    expectNone(files.flatMap((name) => changesetProblems(name, names)));
  });
});

function changesetProblems(name: string, packages: readonly string[]): readonly string[] {
  const [, front = '', body = ''] = readText(`.changeset/${name}`).split(/^---$/m);
  const released = [...front.matchAll(/^'?"?([^'":]+)'?"?: (major|minor|patch)$/gm)].map(([, owner = '']) => owner);
  const text = body.trim();
  return [
    ...(released.length === 0 ? [`.changeset/${name} releases nothing`] : []),
    ...released.filter((owner) => !packages.includes(owner)).map((owner) => `.changeset/${name} names ${owner}`),
    ...(/^[A-Z][^\n]*[^.\n]$/.test(text) ? [] : [`.changeset/${name}: one imperative line without a full stop`]),
  ];
}
