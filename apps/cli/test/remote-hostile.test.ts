import { readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { type Fault, startRegistry, type TestRegistry, type TestRegistryOptions } from '@mcpgen/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FileRow, type Forgery, forgeCache } from './forge-cache.ts';
import { type Builder, builder } from './remote-rig.ts';

const NAME = 'team/cache';
const never = new Promise<void>(() => {});

/** How long a remote that hangs is waited for here. The default is measured by benchmarks/cache/remote.ts. */
const HASTY = { cache: { patience: '500ms' } };

let filled: TestRegistry;
/** What a build without any remote makes. */
let good = '';

beforeAll(async () => {
  filled = await startRegistry();
  await using first = await builder();
  await first.build(['--cache-to', `${filled.host}/${NAME}:main`]);
  good = first.server();
});
afterAll(() => filled.close());

/** A registry with the cache of a whole build in it. */
async function registryWith(options: TestRegistryOptions = {}): Promise<TestRegistry> {
  const registry = await startRegistry(options);
  const [from, to] = [filled.repository(NAME), registry.repository(NAME)];
  for (const [digest, bytes] of from.blobs) to.blobs.set(digest, bytes);
  for (const [digest, manifest] of from.manifests) to.manifests.set(digest, manifest);
  for (const [tag, digest] of from.tags) to.tags.set(tag, digest);
  return registry;
}

async function buildFrom(registry: TestRegistry, m: Builder) {
  const place = `${registry.host}/${NAME}:main`;
  const built = await m.build(['--cache-from', place]);
  expect(m.server()).toBe(good);
  expect(readdirSync(dirname(m.rig.directory))).toEqual(['project']);
  return { ...built, place };
}

async function expectMissAndOneWarning(registry: TestRegistry, says: RegExp): Promise<void> {
  await using m = await builder(says.source.includes('waiting') ? HASTY : {});
  const { outcomes, warnings, place } = await buildFrom(registry, m);
  expect(outcomes).toContain('ran');
  expect(warnings).toEqual([expect.stringMatching(`could not read from ${place}: .*`)]);
  expect(warnings[0]).toMatch(says);
}

const status = (code: number, headers = {}): Fault => ({ kind: 'status', status: code, headers });

describe('mcpgen build from a remote that', { timeout: 60_000 }, () => {
  it('is as it should be restores all', async () => {
    await using registry = await registryWith();
    await using m = await builder();
    expect(await buildFrom(registry, m)).toMatchObject({ outcomes: ['restored'], warnings: [] });
  });

  it.each<readonly [string, Fault, RegExp, RegExp]>([
    ['answers 401', status(401), /manifests/, /401.*docker login/],
    ['answers 403', status(403), /manifests/, /403/],
    ['answers 409', status(409), /manifests/, /409/],
    ['asks to come back in an hour', status(429, { 'retry-after': '3600' }), /manifests/, /kept this run waiting/],
    ['answers 500', status(500), /manifests/, /500/],
    ['hangs at the tag', { kind: 'hold', until: never }, /manifests/, /kept this run waiting/],
    ['hangs at a blob', { kind: 'hold', until: never }, /blobs/, /kept this run waiting/],
    ['cuts the connection', { kind: 'cut' }, /manifests/, /connection/],
    ['cuts the connection at a blob', { kind: 'cut' }, /blobs/, /connection/],
    ['sends half of a blob', { kind: 'short', bytes: 10 }, /blobs/, /.+/],
    ['sends wrong bytes', { kind: 'corrupt' }, /blobs/, /.+/],
    ['sends bytes without end', { kind: 'endless' }, /blobs/, /.+/],
    ['sends a page to log in', { kind: 'status', status: 200, body: '<html>' }, /manifests/, /.+/],
    ['sends its clients to a file', { kind: 'redirect', to: 'file:///etc/passwd' }, /blobs/, /follow|redirect/],
  ])('%s costs one warning and a miss', async (_how, fault, path, says) => {
    await using registry = await registryWith();
    for (const method of ['GET', 'HEAD']) registry.addFault({ ...fault, path, method, times: 999 });
    await expectMissAndOneWarning(registry, says);
  });

  it('has nothing is a miss without a word', async () => {
    await using registry = await startRegistry();
    await using m = await builder();
    expect(await buildFrom(registry, m)).toMatchObject({ outcomes: ['ran'], warnings: [] });
  });

  it('has lost its blobs costs one warning and a miss', async () => {
    await using registry = await registryWith();
    registry.repository(NAME).blobs.clear();
    await expectMissAndOneWarning(registry, /is gone/);
  });

  it('sends its clients elsewhere: what is sent to another host has no credentials', async () => {
    const account = { kind: 'token', username: 'user', password: 'hunter2' } as const;
    await using registry = await registryWith({ auth: account });
    await using elsewhere = await registryWith();
    await using m = await builder();
    const auth = Buffer.from('user:hunter2').toString('base64');
    writeFileSync(join(m.rig.directory, 'config.json'), JSON.stringify({ auths: { [registry.host]: { auth } } }));
    const place = `${registry.host}/${NAME}:main`;
    const env = { DOCKER_CONFIG: m.rig.directory };
    expect(await m.build(['--cache-from', place], { env })).toMatchObject({ outcomes: ['restored'], warnings: [] });
    expect(registry.requests.some(({ authorization }) => authorization?.startsWith('Bearer '))).toBe(true);

    m.forget();
    for (const [digest] of registry.repository(NAME).blobs) {
      const path = new RegExp(`blobs/${digest}`);
      registry.addFault({ kind: 'redirect', to: `${elsewhere.url}/v2/${NAME}/blobs/${digest}`, path, times: 9 });
    }
    expect((await m.build(['--cache-from', place], { env })).warnings).toEqual([]);
    expect(elsewhere.requests.length).toBeGreaterThan(0);
    const given = elsewhere.requests.filter(({ headers }) => JSON.stringify(headers).match(/authorization|hunter2/i));
    expect(given).toEqual([]);
  });
});

const named = (path: string): Forgery => ({ files: ([first, ...others]) => [rename(first, path), ...others] });
const also = (...paths: readonly string[]): Forgery => ({
  files: ([first]) => paths.map((path) => rename(first, path)),
});
const withMode = (mode: number): Forgery => ({
  files: (rows) => rows.map(([path, _, ...rest]): FileRow => [path, mode, ...rest]),
});

function rename(row: FileRow | undefined, path: string): FileRow {
  if (row === undefined) throw new Error('An entry without files has none to rename');
  const [, ...rest] = row;
  return [path, ...rest];
}

describe('mcpgen build from a remote whose entries', { timeout: 60_000 }, () => {
  it('are written anew as they were restores all: the forger of this test forges well', async () => {
    await using registry = await registryWith();
    forgeCache(registry, NAME, {});
    await using m = await builder();
    expect(await buildFrom(registry, m)).toMatchObject({ outcomes: ['restored'], warnings: [] });
  });

  it.each<readonly [string, Forgery]>([
    ['have names with ..', named('../../../../evil.js')],
    ['have absolute names', named('/tmp/mcpgen-evil.js')],
    ['have names with a backslash', named('..\\evil.js')],
    ['have names with NUL', named('evil.js\u0000.txt')],
    ['are links', withMode(0o120777)],
    ['are devices', withMode(0o020666)],
    ['are set-user-id', withMode(0o104755)],
    ['collide by case', also('evil.js', 'EVIL.js')],
    ['collide by normalisation', also('caf\u00e9.js', 'cafe\u0301.js')],
    ['have a file for a directory', also('evil', 'evil/evil.js')],
    ['expand a thousand times', { pack: () => zstdCompressSync(Buffer.alloc(200_000_000)) }],
    ['are not compressed', { pack: () => Buffer.from('plain') }],
  ])('%s costs one warning and a miss, and writes nothing', async (_what, forgery) => {
    await using registry = await registryWith();
    forgeCache(registry, NAME, forgery);
    await expectMissAndOneWarning(registry, /damaged|does not expand/);
  });
});
