import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { startRegistry, type TestRegistry } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { type CliRig, cliRig, ECHO } from './cli-rig.ts';

const BUILD = ['build', '--no-image', '--no-typecheck', '--json'];

/** As a machine that has never built it. */
function forget(rig: CliRig): void {
  for (const name of ['.cache', 'dist']) rmSync(join(rig.directory, name), { recursive: true, force: true });
}

interface Built {
  readonly steps: readonly { readonly name: string; readonly outcome: string }[];
  readonly cache: {
    readonly from: readonly { readonly name: string; readonly results: number; readonly bytes: number }[];
    readonly to: { readonly name: string; readonly results: number; readonly bytes: number } | null;
  } | null;
}

async function build(rig: CliRig, flags: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const ran = await rig.run([...BUILD, ...flags], { env });
  expect(ran.code, ran.stderr + ran.stdout).toBe(0);
  const built = ran.json() as unknown as Built;
  const outcomes = [...new Set(built.steps.map(({ outcome }) => outcome))].sort();
  const warnings = ran.stderr.split('\n').filter((line) => line.startsWith('warning'));
  return { ...built, outcomes, warnings, stderr: ran.stderr };
}

const tags = (registry: TestRegistry): readonly string[] =>
  registry.requests.flatMap(({ method, path }) =>
    method === 'PUT' ? (path.match(/manifests\/(.*)$/)?.[1] ?? []) : [],
  );

describe('mcpgen build with remote caches', () => {
  it('restores on one machine what another built, and says how much came from where', async () => {
    await using registry = await startRegistry();
    await using rig = await cliRig();
    const main = `${registry.host}/team/cache:main`;
    const first = await build(rig, ['--cache-from', main, '--cache-to', main]);
    expect(first).toMatchObject({ outcomes: ['ran'], warnings: [] });
    expect(first.cache?.from).toMatchObject([
      { name: 'local', results: 0 },
      { name: main, results: 0 },
    ]);
    expect(first.cache?.to).toMatchObject({ name: main, results: first.steps.length });

    forget(rig);
    const second = await build(rig, ['--cache-from', main, '--cache-to', main]);
    expect(second.outcomes).toEqual(['restored']);
    expect(second.cache?.from).toMatchObject([{ results: 0 }, { name: main, results: first.steps.length }]);
    expect(second.cache?.from[1]?.bytes).toBeGreaterThan(1000);
    expect(second.cache?.to).toEqual({ name: main, results: 0, bytes: 0 });
  });

  it('opens none of them where nothing changed, and is none the wiser for their names', async () => {
    await using registry = await startRegistry();
    await using rig = await cliRig();
    await rig.write({ 'mcpgen.config.json': JSON.stringify({ cache: { patience: '1s' } }) });
    await build(rig);
    const again = await build(rig, [
      '--cache-from',
      `${registry.host}/a/b:main`,
      '--cache-to',
      `${registry.host}/a/b:x`,
    ]);
    expect(again).toMatchObject({ outcomes: ['fresh'], cache: null });
    await rig.write({ 'mcpgen.config.json': JSON.stringify({ cache: { from: `${registry.host}/a/b:main` } }) });
    expect((await build(rig)).outcomes).toEqual(['fresh']);
    expect(registry.requests).toEqual([]);
  });

  it('asks several in order, and writes to one', async () => {
    await using registry = await startRegistry();
    await using rig = await cliRig();
    const [main, own] = ['main', 'pr-7'].map((tag) => `${registry.host}/team/cache:${tag}`) as [string, string];
    await build(rig, ['--cache-to', main]);
    forget(rig);
    await rig.write({ 'tools/more.ts': ECHO });
    const flags = ['--cache-from', `${own},${main}`, '--cache-to', own];
    const first = await build(rig, flags);
    expect(first.outcomes).toEqual(['ran', 'restored']);
    expect(first.cache?.to?.results).toBe(first.steps.filter(({ outcome }) => outcome === 'ran').length);
    forget(rig);
    const second = await build(rig, flags);
    expect(second.outcomes).toEqual(['restored']);
    expect(second.cache?.from.map(({ name }) => name)).toEqual(['local', own, main]);
    expect(second.cache?.from[1]?.results).toBe(first.cache?.to?.results);
    // Only the manifest and the tag of the scope of its own were written since.
    expect(tags(registry).filter((tag) => !tag.startsWith('sha256'))).toEqual(['main', 'pr-7']);
  });

  it('takes them from the configuration, over that from the environment, over that from flags', async () => {
    await using registry = await startRegistry();
    await using rig = await cliRig();
    const place = (tag: string): string => `${registry.host}/team/cache:${tag}`;
    const printed = async (flags: readonly string[], env: Readonly<Record<string, string>>) => {
      const ran = await rig.run(['build', '--print-config', '--json', ...flags], { env });
      const { from, to } = (ran.json() as unknown as { settings: { remoteCache: Record<string, unknown> } }).settings
        .remoteCache;
      return { from, to };
    };
    await rig.write({ 'mcpgen.config.json': JSON.stringify({ cache: { from: [place('a')], to: place('a') } }) });
    expect(await printed([], {})).toEqual({ from: [place('a')], to: place('a') });
    const env = { MCPGEN_CACHE_FROM: `${place('b')} ${place('c')}`, MCPGEN_CACHE_TO: '' };
    expect(await printed([], env)).toEqual({ from: [place('b'), place('c')], to: undefined });
    const flags = ['--cache-from', place('d'), '--cache-to', place('e')];
    expect(await printed(flags, env)).toEqual({ from: [place('d')], to: place('e') });
    expect(await printed(['--cache-from', '', '--cache-to', ''], {})).toEqual({ from: [], to: undefined });
  });

  it('goes on without one that is not there, with one warning that says why', async () => {
    const registry = await startRegistry();
    await registry.close();
    await using rig = await cliRig();
    const place = `${registry.host}/team/cache:main`;
    const { outcomes, warnings } = await build(rig, ['--cache-from', place, '--cache-to', place]);
    expect(outcomes).toEqual(['ran']);
    expect(warnings).toEqual([expect.stringMatching(/could not read from .*ECONNREFUSED/)]);
  });

  it('is told by explain, which builds and writes nothing', async () => {
    await using registry = await startRegistry();
    await using rig = await cliRig();
    const main = `${registry.host}/team/cache:main`;
    await build(rig, ['--cache-to', main]);
    forget(rig);
    const before = registry.requests.length;
    const env = { MCPGEN_CACHE_TO: main };
    const ran = await rig.run(['explain', '--json', '--cache-from', main], { env });
    const { steps } = ran.json() as unknown as { steps: readonly { name: string; action: string }[] };
    const server = steps.filter(({ name }) => !/^(layer|image|typecheck)/.test(name));
    expect(new Set(server.map(({ action }) => action))).toEqual(new Set(['restore']));
    expect(registry.requests.slice(before).filter(({ method }) => method !== 'GET' && method !== 'HEAD')).toEqual([]);
  });

  it.each([
    ['--cache-from', 'https:/ghcr.io/a/b'],
    ['--cache-to', `ghcr.io/a/b@sha256:${'0'.repeat(64)}`],
  ])('refuses %s %s before it builds anything', async (flag, place) => {
    await using rig = await cliRig();
    const ran = await rig.run([...BUILD, flag, place]);
    expect(ran.code, ran.stderr).toBe(2);
    expect(ran.json().fix).toMatch(/like "?ghcr.io/);
  });

  it('stops sending at Ctrl-C, and leaves nothing half sent to be seen', async () => {
    await using registry = await startRegistry();
    await using rig = await cliRig();
    const reached = Promise.withResolvers<void>();
    const until = new Promise<void>(() => {});
    registry.addFault({ kind: 'hold', until, method: 'POST', times: 99 });
    const child = rig.start([...BUILD, '--cache-to', `${registry.host}/team/cache:main`]);
    const watch = setInterval(() => {
      if (registry.requests.some(({ method }) => method === 'POST')) reached.resolve();
    }, 10);
    await reached.promise;
    clearInterval(watch);
    child.kill('SIGINT');
    const [code] = await once(child, 'close');
    expect(code).toBe(130);
    expect(tags(registry)).toEqual([]);
  });
});
