import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openLocalCache } from '@mcpgen/build-cache';
import { temporaryDirectory } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { type CacheServer, cacheServer, WRITER } from './turborepo-rig.ts';

const run = promisify(execFile);

/** The native binary that the root's turbo starts. */
function turboBinary(): string {
  const wrapper = createRequire(new URL('../../../package.json', import.meta.url)).resolve('turbo/package.json');
  const architecture = process.arch === 'x64' ? '64' : process.arch;
  const name = `@turbo/${process.platform}-${architecture}/bin/turbo${process.platform === 'win32' ? '.exe' : ''}`;
  return createRequire(wrapper).resolve(name);
}

/** A workspace of one package whose task writes two files, and a turbo that knows no cache but the server. */
interface Workspace extends AsyncDisposable {
  readonly directory: string;
  build(server: CacheServer, options?: BuildOptions): Promise<Built>;
  outputs(): Promise<Readonly<Record<string, string>>>;
}

interface BuildOptions {
  readonly token?: string;
  readonly team?: string;
  readonly key?: string;
}

interface Built {
  readonly cached: boolean;
  readonly said: string;
}

const OUTPUTS = { 'main.js': 'made by the task\n', 'deep/data.txt': 'data\n' };
const MAKE = `node -e "const fs=require('fs');fs.mkdirSync('out/deep',{recursive:true});fs.writeFileSync('out/main.js','made by the task\\n');fs.writeFileSync('out/deep/data.txt','data\\n')"`;

async function workspace(signature = false): Promise<Workspace> {
  const root = await temporaryDirectory('mcpgen-turbo-');
  const directory = join(root.path, 'workspace');
  const member = join(directory, 'packages/a');
  await mkdir(member, { recursive: true });
  const write = (path: string, value: object) => writeFile(join(directory, path), JSON.stringify(value));
  await write('package.json', {
    name: 'root',
    private: true,
    packageManager: 'npm@11.0.0',
    workspaces: ['packages/*'],
  });
  await write('package-lock.json', { name: 'root', lockfileVersion: 3, requires: true, packages: {} });
  await write('packages/a/package.json', { name: 'a', version: '1.0.0', scripts: { build: MAKE } });
  await write('turbo.json', { remoteCache: { signature }, tasks: { build: { outputs: ['out/**'] } } });
  return {
    directory,
    async build({ url }, { token = WRITER.token, team = 'team', key = 'a key of thirty-two bytes or more' } = {}) {
      for (const path of ['.turbo', 'node_modules', 'packages/a/.turbo', 'packages/a/out']) {
        await rm(join(directory, path), { recursive: true, force: true });
      }
      const environment = {
        PATH: process.env.PATH,
        HOME: root.path,
        TURBO_API: url,
        TURBO_TOKEN: token,
        TURBO_TEAM: team,
        TURBO_REMOTE_CACHE_SIGNATURE_KEY: key,
        TURBO_TELEMETRY_DISABLED: '1',
      };
      const { stdout, stderr } = await run(turboBinary(), ['run', 'build', '--no-color', '--no-daemon'], {
        cwd: directory,
        env: environment,
      });
      return { cached: /1 cached, 1 total/.test(stdout), said: `${stdout}${stderr}` };
    },
    async outputs() {
      const out = join(member, 'out');
      const names = (await readdir(out, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
      const files = names.map(async ({ parentPath, name }) => {
        const file = join(parentPath, name);
        return [file.slice(out.length + 1), await readFile(file, 'utf8')] as const;
      });
      return Object.fromEntries(await Promise.all(files));
    },
    [Symbol.asyncDispose]: root[Symbol.asyncDispose],
  };
}

/** The one artifact's bytes in the store of a server, changed. */
async function damage(server: CacheServer): Promise<void> {
  const entries = join(server.store, 'v1/entries');
  for (const shard of await readdir(entries)) {
    for (const name of await readdir(join(entries, shard))) {
      const file = join(entries, shard, name);
      const bytes = await readFile(file);
      await writeFile(file, bytes.fill(bytes.readUInt8(400) ^ 1, 400, 401));
    }
  }
}

describe('the real turbo', { timeout: 60_000 }, () => {
  it.each([false, true])('finds what it put into our server; signed: %s', async (signature) => {
    await using server = await cacheServer();
    await using w = await workspace(signature);
    expect(await w.build(server)).toMatchObject({ cached: false });
    expect(await w.build(server)).toMatchObject({ cached: true });
    expect(await w.outputs()).toMatchObject(OUTPUTS);
    expect(server.events.events).toEqual([]);
    const entries = await openLocalCache({ directory: server.store, now: Date.now }).list();
    expect(entries).toMatchObject([{ step: 'turborepo:team' }]);
    expect(entries[0]?.duration).toBeGreaterThan(0);
  });

  it('misses what is damaged on the server, builds it again and heals the server', async () => {
    await using server = await cacheServer();
    await using w = await workspace();
    await w.build(server);
    await damage(server);
    expect(await w.build(server)).toMatchObject({ cached: false });
    expect(await w.outputs()).toMatchObject(OUTPUTS);
    expect(await w.build(server)).toMatchObject({ cached: true });
    expect(await w.outputs()).toMatchObject(OUTPUTS);
  });

  it('refuses what was signed with another key', async () => {
    await using server = await cacheServer();
    await using w = await workspace(true);
    await w.build(server, { key: 'the key of somebody else, as long' });
    expect(await w.build(server)).toMatchObject({ cached: false });
    expect(await w.outputs()).toMatchObject(OUTPUTS);
  });

  it.each([
    ['an unknown token', { token: 'unknown' }],
    ['another team', { team: 'other' }],
  ])('of %s finds nothing, and builds', async (_who, options) => {
    await using server = await cacheServer();
    await using w = await workspace();
    await w.build(server);
    expect(await w.build(server, options)).toMatchObject({ cached: false });
    expect(await w.outputs()).toMatchObject(OUTPUTS);
  });

  it('that may only read finds, and what it made stays at home', async () => {
    await using server = await cacheServer({ tokens: [WRITER, { token: 'a-reader', right: 'read' }] });
    await using w = await workspace();
    expect(await w.build(server, { token: 'a-reader' })).toMatchObject({ cached: false });
    expect(await w.build(server)).toMatchObject({ cached: false });
    expect(await w.build(server, { token: 'a-reader' })).toMatchObject({ cached: true });
    expect(await w.outputs()).toMatchObject(OUTPUTS);
  });

  it('comes sixteen times at once, and each gets the right files', async () => {
    await using server = await cacheServer();
    await using first = await workspace();
    await first.build(server);
    const builds = Array.from({ length: 16 }, async () => {
      await using w = await workspace();
      await cp(first.directory, w.directory, { recursive: true });
      expect(await w.build(server)).toMatchObject({ cached: true });
      expect(await w.outputs()).toMatchObject(OUTPUTS);
    });
    await Promise.all(builds);
    expect(server.events.events).toEqual([]);
  });
});
