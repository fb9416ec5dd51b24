import { randomUUID } from 'node:crypto';
import { pullEntries, pushEntries } from '@mcpgen/build-cache/remote';
import { serviceForTest } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { inRegistry, machine, noise } from './remote-rig.ts';

const service = serviceForTest('MCPGEN_TEST_REGISTRY', {
  script: 'scripts/services/start-registry.sh',
  environment: process.env,
});
if (service.kind === 'absent') process.stderr.write(`skipped: remote.real.test.ts: ${service.reason}\n`);
const host = service.kind === 'present' ? service.address : '';

describe.skipIf(service.kind === 'absent')('a remote tier in a real registry', { timeout: 60_000 }, () => {
  it('gives back what was sent, of every size, and takes what comes later', async () => {
    const place = inRegistry(host, `mcpgen-test/${randomUUID()}/cache`);
    await using first = await machine();
    for (let n = 0; n < 30; n++) await first.build({}, `step ${n}`, { [`${n}.js`]: noise(`${n}`, 5000), 'a.js': 'a' });
    await first.build({}, 'layer', { 'layer.tar': noise('layer', 6_000_000) });
    expect(await pushEntries(first.tier(place), first.near)).toMatchObject({ entries: 31 });
    await first.build({}, 'later', { 'later.js': noise('later', 5000) });
    const later = await pushEntries(first.tier(place), first.near);
    expect(later.entries).toBe(1);
    expect(later.bytes).toBeLessThan(10_000);

    await using second = await machine();
    const tier = second.tier(place);
    expect(await pullEntries(tier, second.near)).toEqual({ entries: 32, present: 0, failed: 0 });
    await tier.close();
    expect((await second.near.list()).length).toBe(32);
    expect((await second.near.verify()).damaged).toEqual([]);
    expect(await second.build({}, 'layer', {})).toMatchObject({ outcome: 'hit' });
    expect(second.project.events.ofType('failed')).toEqual([]);
  });

  it('keeps scopes apart', async () => {
    const place = inRegistry(host, `mcpgen-test/${randomUUID()}/cache`);
    await using m = await machine();
    await m.build({}, 'step', { 'a.js': 'a' });
    await pushEntries(m.tier(place, { tag: 'pr-7' }), m.near);
    await using other = await machine();
    expect(await other.tier(place, { tag: 'main' }).keys()).toEqual([]);
    expect(await other.tier(place, { tag: 'pr-7' }).keys()).toHaveLength(1);
  });
});
