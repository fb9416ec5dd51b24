import { type Fault, startRegistry, type TestRegistry } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { readTree } from './project.ts';
import { type Files, inRegistry, type Machine, machine, noise } from './remote-rig.ts';

const FILES: Files = { 'main.js': noise('main', 9000), 'small.js': 'small' };

const never = new Promise<void>(() => {});

/** Short: nothing here is measured, and a remote that hangs is waited for as long as this. */
const patience = 400;

/** Every way in which a remote can refuse, hang or lie, whatever is asked of it. */
const TROUBLE: readonly (readonly [string, Fault, string])[] = [
  ['answers 401', { kind: 'status', status: 401 }, '401'],
  ['answers 403', { kind: 'status', status: 403 }, '403'],
  ['answers 409', { kind: 'status', status: 409 }, '409'],
  ['answers 429', { kind: 'status', status: 429, headers: { 'retry-after': '3600' } }, '429'],
  ['answers 500', { kind: 'status', status: 500 }, '500'],
  ['hangs', { kind: 'hold', until: never }, 'waiting'],
  ['cuts the connection', { kind: 'cut' }, 'connection'],
  ['sends another byte', { kind: 'corrupt' }, ''],
  ['sends half', { kind: 'short', bytes: 7 }, ''],
  ['never ends', { kind: 'endless' }, ''],
  ['sends a page', { kind: 'status', status: 200, body: '<html>log in to the network</html>' }, ''],
  ['sends its clients to a file', { kind: 'redirect', to: 'file:///etc/passwd', status: 307 }, 'follow'],
];

/** What is being asked for when it happens. */
const MOMENTS = [
  ['the tag', /manifests\/main/],
  ['the manifest', /manifests\/sha256/],
  ['a blob', /blobs/],
] as const;

describe.each(MOMENTS)('a remote asked for %s', (what, path) => {
  // What a tag stands for is told by headers.
  it.each(TROUBLE.filter(([, { kind }]) => what !== 'the tag' || kind !== 'corrupt'))(
    'that %s costs one warning and a miss',
    async (_how, fault, says) => {
      await using registry = await filledRegistry();
      await using m = await machine();
      registry.addFault({ ...fault, path, method: 'GET', times: 99 });
      registry.addFault({ ...fault, path, method: 'HEAD', times: 99 });
      await expectOneWarning(m, registry, says);
    },
  );

  it('that says 404 there is a miss', async () => {
    await using registry = await filledRegistry();
    await using m = await machine();
    for (const method of ['GET', 'HEAD']) registry.addFault({ kind: 'status', status: 404, path, method, times: 99 });
    const tier = m.tier(inRegistry(registry.host), { patience });
    expect(await m.build({ read: [tier] }, 'step', FILES)).toMatchObject({ outcome: 'ran' });
    await tier.close();
    expect(m.project.events.ofType('failed').length).toBeLessThanOrEqual(1);
  });
});

describe('a remote that is written to', () => {
  it.each(TROUBLE.filter(([, { kind }]) => kind !== 'corrupt' && kind !== 'short' && kind !== 'endless'))(
    'and %s costs one warning',
    async (_how, fault, says) => {
      for (const method of ['POST', 'PUT']) {
        await using registry = await startRegistry();
        await using m = await machine();
        registry.addFault({ ...fault, method, times: 99 });
        const write = m.tier(inRegistry(registry.host), { patience });
        for (const name of ['one', 'two', 'three']) await m.build({ write }, name, FILES);
        expect(await write.close()).toEqual({ entries: 0, bytes: 0 });
        const failed = m.project.events.ofType('failed');
        expect(failed).toMatchObject([{ operation: `write to ${write.location}` }]);
        expect(failed[0]?.message.toLowerCase()).toContain(says);
        await expectNothingVisible(registry);
      }
    },
  );

  it('is not there: one warning, and the build goes on', async () => {
    const registry = await startRegistry();
    await registry.close();
    await using m = await machine();
    const tier = m.tier(inRegistry(registry.host), { patience });
    expect(await m.build({ read: [tier], write: tier }, 'step', FILES)).toMatchObject({ outcome: 'ran' });
    expect(await tier.close()).toEqual({ entries: 0, bytes: 0 });
    expect(m.project.events.ofType('failed')).toMatchObject([{ message: expect.stringContaining('ECONNREFUSED') }]);
  });

  it('gets no credentials of another host', async () => {
    await using registry = await filledRegistry();
    await using elsewhere = await startRegistry();
    await using m = await machine();
    registry.addFault({ kind: 'redirect', to: `${elsewhere.url}/v2/`, status: 307, path: /blobs/, times: 99 });
    const tier = m.tier(inRegistry(registry.host), { patience });
    await m.build({ read: [tier] }, 'step', FILES);
    await tier.close();
    expect(elsewhere.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
  });
});

async function filledRegistry(): Promise<TestRegistry> {
  const registry = await startRegistry();
  await using m = await machine();
  const write = m.tier(inRegistry(registry.host));
  for (const name of ['step', 'two', 'three']) await m.build({ write }, name, FILES);
  expect(await write.close()).toMatchObject({ entries: 3 });
  return registry;
}

async function expectOneWarning(m: Machine, registry: TestRegistry, says: string): Promise<void> {
  const tier = m.tier(inRegistry(registry.host), { patience });
  for (const name of ['step', 'two', 'three']) {
    expect(await m.build({ read: [tier] }, name, FILES)).toMatchObject({ outcome: 'ran' });
  }
  await tier.close();
  expect(await readTree(m.project.back)).toEqual({});
  const failed = m.project.events.ofType('failed');
  expect(failed).toMatchObject([{ operation: `read from ${tier.location}` }]);
  expect(failed[0]?.message.toLowerCase()).toContain(says);
  // What was made meanwhile is kept here.
  expect(await m.build({}, 'step', {})).toEqual({ outcome: 'hit', tier: 'local' });
}

async function expectNothingVisible(registry: TestRegistry): Promise<void> {
  await using other = await machine();
  const tier = other.tier(inRegistry(registry.host), { patience });
  expect(await tier.keys()).toEqual([]);
  await tier.close();
}
