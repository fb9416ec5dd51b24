import { digestOf } from '@mcpgen/build-cache';
import { chainCaches, pullEntries, pushEntries } from '@mcpgen/build-cache/remote';
import { memoryStore } from '@mcpgen/oci';
import { startRegistry } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { readTree } from './project.ts';
import { type Files, inRegistry, machine, noise } from './remote-rig.ts';

const STEPS: Readonly<Record<string, Files>> = {
  small: { 'a.js': 'a', 'b/c.js*': 'c' },
  packed: { 'main.js': noise('main', 9000), 'shared.js': noise('shared', 5000) },
  big: { 'layer.tar': noise('layer', 5_000_000), 'shared.js': noise('shared', 5000) },
  nothing: {},
};

describe('openRemoteTier', () => {
  it('gives to one machine what another made, and says where it came from', async () => {
    await using registry = await startRegistry();
    await using first = await machine();
    const write = first.tier(inRegistry(registry.host));
    for (const [name, files] of Object.entries(STEPS)) await first.build({ write }, name, files);
    expect(await write.close()).toMatchObject({ entries: 4 });

    await using second = await machine();
    const tier = second.tier(inRegistry(registry.host));
    for (const [name, files] of Object.entries(STEPS)) {
      expect(await second.build({ read: [tier] }, name, {})).toEqual({ outcome: 'hit', tier: tier.location });
      expect(await readTree(second.project.back)).toMatchObject(files);
    }
    await tier.close();
    expect((await second.near.stats()).run.total).toMatchObject({ hits: 4, misses: 0 });
    expect((await second.near.verify()).damaged).toEqual([]);
    expect(second.project.events.types()).toEqual(['hit', 'hit', 'hit', 'hit']);
  });

  it('counts what each tier had, had not, and sent', async () => {
    await using registry = await startRegistry();
    await using first = await machine();
    const write = first.tier(inRegistry(registry.host, 'team/main'));
    const files = { 'main.js': noise('main', 9000) };
    await first.build({ write }, 'packed', files);
    await write.close();

    await using second = await machine();
    const read = ['team/own', 'team/main'].map((name) => second.tier(inRegistry(registry.host, name)));
    const [own = '', main = ''] = read.map(({ location }) => location);
    await second.build({ read }, 'packed', files);
    await second.build({ read }, 'new', { 'new.js': 'new' });
    const { run } = await second.near.stats();
    expect(run.total).toMatchObject({ hits: 1, misses: 1, timeSaved: 7 });
    expect(run.tiers).toMatchObject({
      local: { hits: 0, misses: 2, timeSaved: 0, totalSize: run.total.totalSize },
      [own]: { hits: 0, misses: 2, totalSize: 0 },
      [main]: { hits: 1, misses: 1, hitRate: 0.5, timeSaved: 7 },
    });
    expect(run.tiers[main]?.totalSize).toBeGreaterThan(9000);
  });

  it('finds nothing in a place that is empty, without a word', async () => {
    await using registry = await startRegistry();
    await using m = await machine();
    const tier = m.tier(inRegistry(registry.host));
    expect(await m.build({ read: [tier] }, 'small', {})).toMatchObject({ outcome: 'ran' });
    expect(await tier.keys()).toEqual([]);
    await tier.close();
    expect(m.project.events.ofType('failed')).toEqual([]);
  });

  it('brings each blob once, however many ask at once', async () => {
    await using registry = await startRegistry();
    await using first = await machine();
    const write = first.tier(inRegistry(registry.host));
    for (let n = 0; n < 40; n++) await first.build({ write }, `step ${n}`, { [`${n}.js`]: noise(`${n}`, 3000) });
    await write.close();
    await using second = await machine();
    const tier = second.tier(inRegistry(registry.host));
    const before = registry.requests.length;
    expect(await pullEntries(tier, second.near)).toEqual({ entries: 40, present: 0, failed: 0 });
    // The tag, the manifest, the directory, a pack of manifests and one of files.
    expect(registry.requests.length - before).toBeLessThanOrEqual(5);
  });

  it('brings what is expected ahead of its look-up, and does not take it for its own', async () => {
    await using registry = await startRegistry();
    await using first = await machine();
    const filling = first.tier(inRegistry(registry.host));
    await first.build({ write: filling }, 'packed', STEPS.packed ?? {});
    await filling.close();
    await using second = await machine();
    const [read, write] = [second.tier(inRegistry(registry.host)), second.tier(inRegistry(registry.host, 'own'))];
    const cache = chainCaches(second.near, { read: [read], write });
    cache.expect?.(digestOf('packed'));
    while (read.traffic().received.entries === 0) await new Promise(setImmediate);
    expect(await cache.lookup(digestOf('packed'))).toMatchObject({ tier: read.location });
    await cache.close();
    expect(write.traffic().sent).toEqual({ entries: 0, bytes: 0 });
    expect(read.traffic().received.bytes).toBeGreaterThan(1000);
  });

  it('waits for nothing at its end where nothing was sent', async () => {
    await using registry = await startRegistry();
    await using m = await machine();
    registry.addFault({ kind: 'hold', until: new Promise<void>(() => {}), times: 99 });
    const tier = m.tier(inRegistry(registry.host), { patience: 3_600_000 });
    expect(await tier.close()).toEqual({ entries: 0, bytes: 0 });
    expect(await tier.fetch(digestOf('step'))).toBe(false);
    expect(m.project.events.ofType('failed')).toEqual([]);
  });

  it('sends nothing that is there', async () => {
    await using registry = await startRegistry();
    await using m = await machine();
    const send = async () => {
      const tier = m.tier(inRegistry(registry.host));
      for (const [name, files] of Object.entries(STEPS)) await m.build({ write: tier }, name, files);
      return tier.close();
    };
    expect((await send()).entries).toBe(4);
    const puts = () => registry.requests.filter(({ method }) => method !== 'GET' && method !== 'HEAD').length;
    const before = puts();
    expect(await send()).toEqual({ entries: 0, bytes: 0 });
    expect(puts()).toBe(before);
  });

  it('sends what was used and lay here only', async () => {
    const store = memoryStore();
    await using m = await machine();
    await m.build({}, 'small', { 'a.js': 'a' });
    const write = m.tier(() => store);
    expect(await m.build({ write }, 'small', {})).toEqual({ outcome: 'hit', tier: 'local' });
    expect(await write.close()).toMatchObject({ entries: 1 });
  });

  it('keeps what was written first', async () => {
    const store = memoryStore();
    await using first = await machine();
    await using second = await machine();
    const [one, two] = [first.tier(() => store), second.tier(() => store)];
    await Promise.all([one.keys(), two.keys()]);
    await first.build({ write: one }, 'same', { 'a.js': 'first' });
    await second.build({ write: two }, 'same', { 'a.js': 'second' });
    await one.close();
    // It had seen an empty place when it began, and finds what the first has written.
    await two.close();
    await using third = await machine();
    const tier = third.tier(() => store);
    await third.build({ read: [tier] }, 'same', {});
    expect(await readTree(third.project.back)).toEqual({ 'a.js': 'first' });
  });

  it('begins anew, with all that the run used, where something was lost', async () => {
    await using registry = await startRegistry();
    const steps = ['one', 'two', 'three', 'four', 'five'];
    const run = async () => {
      await using m = await machine();
      const tier = m.tier(inRegistry(registry.host));
      const outcomes: string[] = [];
      for (const name of steps) {
        const { outcome } = await m.build({ read: [tier], write: tier }, name, { 'a.js': noise(name, 2_500_000) });
        outcomes.push(outcome);
      }
      await tier.close();
      return { outcomes: outcomes.join(' '), failed: m.project.events.ofType('failed').length };
    };
    expect(await run()).toEqual({ outcomes: 'ran ran ran ran ran', failed: 0 });
    const { blobs } = registry.repository('team/cache');
    for (const [digest, bytes] of blobs) if (String(bytes) === noise('two', 2_500_000)) blobs.delete(digest);
    expect(await run()).toEqual({ outcomes: 'hit ran hit hit hit', failed: 1 });
    expect(await run()).toEqual({ outcomes: 'hit hit hit hit hit', failed: 0 });
    for (const [digest, bytes] of blobs) if (bytes.length < 10_000) blobs.delete(digest);
    expect(await run()).toEqual({ outcomes: 'ran ran ran ran ran', failed: 1 });
    expect(await run()).toEqual({ outcomes: 'hit hit hit hit hit', failed: 0 });
  });

  it('joins what machines write one after another', async () => {
    const store = memoryStore();
    for (let n = 0; n < 70; n++) {
      await using m = await machine();
      await m.build({}, `step ${n}`, { 'a.js': `${n}` });
      await pushEntries(
        m.tier(() => store),
        m.near,
      );
    }
    await using reader = await machine();
    const tier = reader.tier(() => store);
    // After 64 runs a new snapshot is begun: manifests and look-ups stay bounded.
    expect(await tier.keys()).toEqual([64, 65, 66, 67, 68, 69].map((n) => digestOf(`step ${n}`)));
  });

  it('sends at most a tenth for a change of 5 percent of the files', async () => {
    const store = memoryStore();
    const files = Object.fromEntries(
      Array.from({ length: 2000 }, (_, n) => [`node_modules/package-${n}/index.js`, noise(`${n}`, 4000)]),
    );
    await using m = await machine();
    const send = async (name: string, changed: Files) => {
      await m.build({}, name, { ...files, ...changed });
      return pushEntries(
        m.tier(() => store),
        m.near,
      );
    };
    const whole = await send('before', {});
    const paths = Object.keys(files).filter((_, n) => n % 20 === 0);
    const part = await send('after', Object.fromEntries(paths.map((path) => [path, noise(`new ${path}`, 4000)])));
    expect(part.entries).toBe(1);
    expect(part.bytes / whole.bytes).toBeLessThan(0.1);
  });
});
