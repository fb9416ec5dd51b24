import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeProject } from '../../test/write-project.ts';
import { discoverProject } from './discover-project.ts';
import { listTemplates, scaffold } from './scaffold.ts';

describe('scaffold', () => {
  it.each(listTemplates().map(({ name }) => name))('creates a project of %s that can be discovered', (template) => {
    const parent = writeProject({});
    const directory = join(parent, 'new/project');
    const { files } = scaffold({ template, directory, name: '@acme/my-server' });
    expect(files).toEqual(expect.arrayContaining(['.gitignore', 'README.md', 'package.json', 'tsconfig.json']));
    expect(files.every((file) => existsSync(join(directory, file)))).toBe(true);
    const { name, sources } = discoverProject(directory);
    expect(name).toBe('@acme/my-server');
    expect(sources.length).toBeGreaterThan(1);
    expect(readFileSync(join(directory, 'README.md'), 'utf8')).toMatch(/^# @acme\/my-server\n/);
    const { version }: { version: string } = JSON.parse(
      readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
    );
    expect(JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))).toMatchObject({
      dependencies: { '@mcpgen/server': `^${version}` },
      devDependencies: { mcpgen: `^${version}` },
      scripts: { dev: 'mcpgen dev', build: 'mcpgen build', start: 'node dist/server/main.js' },
    });
    expect(readdirSync(parent)).toEqual(['new']);
    expect(readdirSync(join(parent, 'new'))).toEqual(['project']);
  });

  it('leaves what is harmless as it is', () => {
    const directory = writeProject({ 'README.md': 'mine', '.git/config': 'x', LICENSE: 'MIT' });
    const { files } = scaffold({ template: 'basic', directory, name: 'x' });
    expect(files).not.toContain('README.md');
    expect(readFileSync(join(directory, 'README.md'), 'utf8')).toBe('mine');
    expect(existsSync(join(directory, '.git/config'))).toBe(true);
  });

  it('leaves a link alone that leads nowhere', () => {
    const directory = writeProject({});
    symlinkSync(join(directory, 'nowhere'), join(directory, '.gitignore'));
    expect(scaffold({ template: 'basic', directory, name: 'x' }).files).not.toContain('.gitignore');
    expect(lstatSync(join(directory, '.gitignore')).isSymbolicLink()).toBe(true);
  });

  it('refuses a directory with anything else, and touches nothing', () => {
    const directory = writeProject({ 'tools/a.ts': 'mine' });
    expect(() => scaffold({ template: 'basic', directory, name: 'x' })).toThrow(
      expect.objectContaining({ code: 'DIRECTORY_NOT_EMPTY', message: expect.stringContaining('"tools" is in it') }),
    );
    expect(readdirSync(directory)).toEqual(['tools']);
  });

  it('refuses an unknown template and a name that npm refuses', () => {
    const directory = join(writeProject({}), 'x');
    expect(() => scaffold({ template: '../..', directory, name: 'x' })).toThrow(
      expect.objectContaining({
        code: 'TEMPLATE_UNKNOWN',
        message: expect.stringContaining('found "basic", "http", "sql"'),
        hint: 'Use one of basic, http, sql.',
      }),
    );
    expect(() => scaffold({ template: 'basic', directory, name: 'My Server' })).toThrow(
      expect.objectContaining({ code: 'NAME_INVALID' }),
    );
    expect(existsSync(directory)).toBe(false);
  });

  it('leaves nothing when it cannot write', () => {
    const parent = writeProject({ file: 'x' });
    chmodSync(join(parent, 'file'), 0o444);
    expect(() => scaffold({ template: 'basic', directory: join(parent, 'file/project'), name: 'x' })).toThrow(
      expect.objectContaining({ code: 'SCAFFOLD_FAILED' }),
    );
    expect(readdirSync(parent)).toEqual(['file']);
  });
});
