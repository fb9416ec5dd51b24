import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as main from '@mcpgen/connectors';
import * as http from '@mcpgen/connectors/http';
import * as postgres from '@mcpgen/connectors/postgres';
import * as redis from '@mcpgen/connectors/redis';
import * as sqlite from '@mcpgen/connectors/sqlite';
import { temporaryDirectory } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';

const flags = ['--conditions=@mcpgen/source', '--disable-warning=ExperimentalWarning', '--input-type=module', '--eval'];

describe('the public names', () => {
  it.each([
    ['.', main, ['ConnectorError']],
    ['./http', http, ['http']],
    ['./postgres', postgres, ['postgres']],
    ['./redis', redis, ['redis']],
    ['./sqlite', sqlite, ['sqlite']],
  ])('of "%s" are these', (_, entry, names) => {
    expect(Object.keys(entry).sort()).toEqual(names);
  });
});

describe('making a connector', () => {
  it('loads no library: that waits for the first use', () => {
    const code = `
      import { registerHooks } from 'node:module';
      const loaded = [];
      registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
      const [{ http }, { postgres }, { redis }, { sqlite }] = await Promise.all([
        import('@mcpgen/connectors/http'), import('@mcpgen/connectors/postgres'),
        import('@mcpgen/connectors/redis'), import('@mcpgen/connectors/sqlite'),
      ]);
      http({ url: 'http://localhost' }); postgres({ url: 'x' }); redis({ url: 'x' }); sqlite({ path: ':memory:' });
      console.log(JSON.stringify(loaded));`;
    const output = execFileSync(process.execPath, [...flags, code], { cwd: import.meta.dirname, encoding: 'utf8' });
    const loaded: unknown = JSON.parse(output);
    expect(loaded).toContainEqual(expect.stringMatching(/connectors\/src\/lib\/postgres-client\.ts$/));
    expect(loaded).not.toContainEqual(expect.stringMatching(/node_modules|node:(sqlite|http|net)/));
  });
});

describe('a library that is not installed', () => {
  it.each([
    ['postgres', '{ url: "postgres://127.0.0.1:1" }', 'pg'],
    ['http', '{ url: "http://127.0.0.1:1" }', 'undici'],
    ['redis', '{ url: "redis://127.0.0.1:1" }', '@redis/client'],
  ])('of %s is told, with how to install it', async (name, options, library) => {
    // A copy of the source in a place from which nothing but our own package is found.
    await using directory = await temporaryDirectory();
    const source = join(import.meta.dirname, '../src');
    const ours = join(directory.path, 'node_modules/@mcpgen');
    mkdirSync(ours, { recursive: true });
    symlinkSync(join(import.meta.dirname, '../../server-runtime-perf'), join(ours, 'server-runtime-perf'));
    execFileSync('cp', ['-r', source, directory.path]);
    writeFileSync(join(directory.path, 'package.json'), '{ "type": "module" }');
    const code = `
      import { ${name} } from ${JSON.stringify(join(directory.path, `src/${name}.ts`))};
      const { signal } = new AbortController();
      const error = await ${name}(${options}).open({ signal }).catch((reason) => reason);
      console.log(JSON.stringify({ code: error.code, message: error.message, hint: error.hint }));`;
    const output = execFileSync(process.execPath, [...flags, code], { cwd: directory.path, encoding: 'utf8' });
    expect(JSON.parse(output)).toMatchObject({
      code: 'LIBRARY_MISSING',
      message: expect.stringContaining(`"${library}" is not installed`),
      hint: `Install it: npm install ${library}`,
    });
  });
});
