import { symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeProject } from '../../test/write-project.ts';
import { discoverProject } from './discover-project.ts';
import type { GeneratorEvent } from './event.ts';

describe('discoverProject', () => {
  it('finds one source per file, named by its path, sorted', () => {
    const directory = writeProject({
      'package.json': '{"name":"@acme/things","version":"1.2.3"}',
      'tools/echo.ts': '',
      'tools/github/issues.mts': '',
      'tools/a-b.js': '',
      'tools/view.tsx': '',
      'resources/readme.mjs': '',
      'prompts/review.ts': '',
      'connectors/db.ts': '',
    });
    expect(discoverProject(directory)).toEqual({
      directory,
      name: '@acme/things',
      version: '1.2.3',
      sources: [
        { kind: 'connector', name: 'db', file: 'connectors/db.ts' },
        { kind: 'prompt', name: 'review', file: 'prompts/review.ts' },
        { kind: 'resource', name: 'readme', file: 'resources/readme.mjs' },
        { kind: 'tool', name: 'a-b', file: 'tools/a-b.js' },
        { kind: 'tool', name: 'echo', file: 'tools/echo.ts' },
        { kind: 'tool', name: 'github_issues', file: 'tools/github/issues.mts' },
        { kind: 'tool', name: 'view', file: 'tools/view.tsx' },
      ],
      directories: ['.', 'connectors', 'prompts', 'resources', 'tools', 'tools/github'],
    });
  });

  it('passes over tests, declarations, private files and what is no module', () => {
    const ignored = [
      'a.test.ts',
      'a.spec.js',
      'a.d.ts',
      'a.d.mts',
      '_a.ts',
      '.a.ts',
      '_lib/a.ts',
      '.git/a.ts',
      'node_modules/a.ts',
      'a.json',
      'a.cts',
      'README.md',
    ];
    const directory = writeProject({
      'tools/real.ts': '',
      ...Object.fromEntries(ignored.map((name) => [`tools/${name}`, ''])),
    });
    expect(discoverProject(directory).sources.map(({ file }) => file)).toEqual(['tools/real.ts']);
  });

  it.each(['auth.ts', './lib/auth.ts', 'lib/../auth.ts'])('finds the file that says who may call: %s', (auth) => {
    const directory = writeProject({ 'tools/a.ts': '', 'auth.ts': '', 'lib/auth.ts': '' });
    const file = auth === './lib/auth.ts' ? 'lib/auth.ts' : 'auth.ts';
    expect(discoverProject(directory, { auth }).sources[0]).toEqual({ kind: 'auth', name: 'auth', file });
  });

  it.each([
    ['auth.ts', 'there is no such file'],
    ['tools', 'there is no such file'],
    ['../auth.ts', 'it lies outside the project'],
    ['/etc/passwd', 'it lies outside the project'],
  ])('refuses %s as the file that says who may call', (auth, says) => {
    const directory = writeProject({ 'tools/a.ts': '' });
    expect(() => discoverProject(directory, { auth })).toThrow(
      expect.objectContaining({ code: 'AUTH_MISSING', message: expect.stringContaining(says) }),
    );
  });

  it('takes name and version from the directory where there is no package.json', () => {
    const directory = writeProject({ 'tools/a.ts': '' });
    expect(discoverProject(directory)).toMatchObject({ name: basename(directory), version: '0.0.0' });
  });

  it('follows links to files and directories, and ends where they lead back', () => {
    const directory = writeProject({ 'tools/a.ts': '', 'shared/b.ts': '' });
    symlinkSync(join(directory, 'shared'), join(directory, 'tools/linked'));
    symlinkSync(join(directory, 'tools'), join(directory, 'tools/again'));
    symlinkSync(join(directory, 'nowhere.ts'), join(directory, 'tools/broken.ts'));
    expect(discoverProject(directory).sources.map(({ name }) => name)).toEqual(['a', 'linked_b']);
  });

  it('warns of a link that leads nowhere', () => {
    const events: GeneratorEvent[] = [];
    const directory = writeProject({ 'tools/a.ts': '' });
    symlinkSync(join(directory, 'nowhere.ts'), join(directory, 'tools/broken.ts'));
    discoverProject(directory, { onEvent: (event) => events.push(event) });
    const message = 'The link "tools/broken.ts" leads nowhere: it is passed over';
    expect(events).toEqual([{ type: 'warning', file: 'tools/broken.ts', message }]);
  });

  it('refuses a link that leads to itself', () => {
    const directory = writeProject({ 'tools/a.ts': '' });
    symlinkSync('loop.ts', join(directory, 'tools/loop.ts'));
    const message = 'Cannot read "tools/loop.ts": it is a link that leads to itself';
    expect(() => discoverProject(directory)).toThrow(expect.objectContaining({ code: 'PROJECT_UNREADABLE', message }));
  });

  it('warns of a name that many clients refuse', () => {
    const events: GeneratorEvent[] = [];
    const name = 'x'.repeat(65);
    discoverProject(writeProject({ [`tools/${name}.ts`]: '' }), { onEvent: (event) => events.push(event) });
    expect(events).toEqual([
      {
        type: 'warning',
        file: `tools/${name}.ts`,
        message: expect.stringContaining('65 characters: many clients refuse more than 64'),
      },
    ]);
  });

  it.each<[string, Record<string, string>, object]>([
    ['no folder', { 'package.json': '{}' }, { code: 'PROJECT_EMPTY', hint: expect.stringContaining('tools/echo.ts') }],
    [
      'nothing but connectors',
      { 'connectors/db.ts': '' },
      { code: 'PROJECT_EMPTY', message: expect.stringContaining('it has connectors and nothing to serve') },
    ],
    [
      'nothing but what is no source',
      { 'tools/a.py': '', 'tools/b.test.ts': '', prompts: '' },
      {
        code: 'PROJECT_EMPTY',
        message: expect.stringMatching(
          /: nothing in it to serve, passed over "prompts", which is a file, "tools\/a\.py", "tools\/b\.test\.ts"$/,
        ),
      },
    ],
    [
      'more of it than a sentence holds',
      Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [`tools/${name}.py`, ''])),
      { code: 'PROJECT_EMPTY', message: expect.stringContaining('"tools/c.py", 2 more') },
    ],
    [
      'two files that differ in case alone',
      { 'tools/a.ts': '', 'tools/A.mts': '' },
      {
        code: 'NAME_TAKEN',
        file: 'tools/a.ts',
        message: 'Cannot use tool name "a": tools/A.mts and tools/a.ts differ in upper and lower case alone',
      },
    ],
    [
      'two files of one name',
      { 'tools/a/b.ts': '', 'tools/a_b.ts': '' },
      { code: 'NAME_TAKEN', message: 'Cannot use tool name "a_b": tools/a/b.ts and tools/a_b.ts both define it' },
    ],
    [
      'a bad name',
      { 'tools/my tool.ts': '' },
      {
        code: 'NAME_INVALID',
        file: 'tools/my tool.ts',
        message: expect.stringContaining('" " is not allowed in it'),
        hint: expect.stringMatching(/^Rename the file: .*A-Z/),
      },
    ],
    [
      'a name that is too long',
      { [`tools/${'a'.repeat(100)}/${'b'.repeat(100)}.ts`]: '' },
      { code: 'NAME_INVALID', message: expect.stringContaining('201 characters') },
    ],
    [
      'a broken package.json',
      { 'tools/a.ts': '', 'package.json': '{\n"name": "x",\n}' },
      { code: 'PACKAGE_INVALID', file: 'package.json', line: 3 },
    ],
    ...['[]', '5', 'null'].map((text): [string, Record<string, string>, object] => [
      `${text} as its package.json`,
      { 'tools/a.ts': '', 'package.json': text },
      {
        code: 'PACKAGE_INVALID',
        message: 'Cannot read "package.json": expected an object',
        hint: expect.stringContaining('Write an object'),
      },
    ]),
    [
      'a name that is no text',
      { 'tools/a.ts': '', 'package.json': '{"name":1}' },
      { code: 'PACKAGE_INVALID', message: expect.stringContaining('"name" must be a text') },
    ],
  ])('refuses a project with %s', (_name, files, error) => {
    const directory = writeProject(files);
    expect(() => discoverProject(directory)).toThrow(expect.objectContaining(error));
  });

  it('refuses what is no directory', () => {
    const directory = writeProject({ file: '' });
    const missing = expect.objectContaining({ code: 'PROJECT_MISSING' });
    expect(() => discoverProject(join(directory, 'none'))).toThrow(missing);
    expect(() => discoverProject(join(directory, 'file'))).toThrow(missing);
  });
});
