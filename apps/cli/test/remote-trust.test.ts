import { randomUUID } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLocalCache } from '@mcpgen/build-cache';
import { openRegistry } from '@mcpgen/oci';
import { serviceForTest, startRegistry, temporaryDirectory } from '@mcpgen/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { type Builder, builder, keyPair } from './remote-rig.ts';

const MAIN = keyPair();
const MALLORY = keyPair();

/** Of the repository: whoever builds it has it. */
const CONFIG = { cache: { publicKeys: [MAIN.publicKey], unsignedTags: ['pr-*'] } };

/** The protected branch alone has the private key. */
const TRUSTED = { env: { MCPGEN_CACHE_PRIVATE_KEY: MAIN.privateKey } };

const EVIL = '\nglobalThis.evil = true;\n';

const service = serviceForTest('MCPGEN_TEST_REGISTRY', {
  script: 'scripts/services/start-registry.sh',
  environment: process.env,
});
if (service.kind === 'absent')
  process.stderr.write(`remote-trust.test.ts, by a registry in memory: ${service.reason}\n`);
const fake = await startRegistry();
afterAll(() => fake.close());
const host = service.kind === 'present' ? service.address : fake.host;

/** Builds, adds to every module that it bundled, and sends that under the same keys. */
async function poison(attacker: Builder, place: string, privateKey?: string): Promise<void> {
  const { rig } = attacker;
  await attacker.build();
  const built = openLocalCache({ directory: join(rig.directory, '.cache/mcpgen/store'), now: Date.now });
  const forged = openLocalCache({ directory: join(rig.directory, 'forged/store'), now: Date.now });
  await using out = await temporaryDirectory();
  for (const { key, step } of await built.list()) {
    const hit = await built.lookup(key);
    await hit?.restore(out.path);
    const paths = hit?.entry.files.map(({ path }) => path) ?? [];
    if (step.startsWith('bundle:')) for (const path of paths) appendFileSync(join(out.path, path), EVIL);
    await forged.store({ key, step, directory: out.path, paths, value: hit?.entry.value, duration: 1 });
  }
  await Promise.all([built.close(), forged.close()]);
  writeFileSync(join(rig.directory, 'mcpgen.config.json'), JSON.stringify({ cache: { directory: 'forged' } }));
  const env = { MCPGEN_CACHE_PRIVATE_KEY: privateKey ?? '' };
  const pushed = await rig.run(['cache', 'push', place, '--json'], { env });
  if (pushed.code !== 0) throw new Error(pushed.stdout);
}

async function attack(place: string, privateKey?: string): Promise<void> {
  await using attacker = await builder();
  await poison(attacker, place, privateKey);
}

const both = (place: string): readonly string[] => ['--cache-from', place, '--cache-to', place];

describe('the race for the keys of a build', { timeout: 120_000 }, () => {
  const repository = (): string => `${host}/mcpgen-test/${randomUUID()}/cache`;

  it('is won by an attacker whom nobody guards against: this attack attacks', async () => {
    const place = `${repository()}:main`;
    await attack(place);
    await using main = await builder();
    expect((await main.build(both(place))).outcomes).toContain('restored');
    expect(main.server()).toContain(EVIL);
  });

  it.each<readonly [string, (place: string) => Promise<void>, RegExp]>([
    ['unsigned', (place) => attack(place), /"main" is not signed/],
    ['signed by another key', (place) => attack(place, MALLORY.privateKey), /not signed by a key that is trusted/],
    [
      'signed by the trusted key for another tag',
      async (place) => {
        const other = place.replace(/main$/, 'experiments');
        await attack(other, MAIN.privateKey);
        const registry = openRegistry(place, { access: 'push' });
        await registry.tag(await registry.resolve('experiments'), 'main');
      },
      /not signed by a key that is trusted/,
    ],
  ])('is not won by what is %s: the trusted build says why, builds, and replaces it', async (_how, play, says) => {
    const place = `${repository()}:main`;
    await play(place);
    await using main = await builder(CONFIG);
    const built = await main.build(both(place), TRUSTED);
    expect(built).toMatchObject({ outcomes: ['ran'], warnings: [expect.stringMatching(says)] });
    expect(built.warnings[0]).toMatch(
      /Cannot trust the cache .* Only builds that hold a trusted signing key may write/,
    );
    expect(main.server()).not.toContain('evil');

    await using reader = await builder(CONFIG);
    const read = await reader.build(['--cache-from', place]);
    expect(read).toMatchObject({ outcomes: ['restored'], warnings: [] });
    expect(reader.server()).toBe(main.server());
  });

  it('is won by nobody else where both fill it at the same time', async () => {
    const place = `${repository()}:main`;
    await using main = await builder(CONFIG);
    await Promise.all([attack(place), main.build(both(place), TRUSTED)]);
    expect(main.server()).not.toContain('evil');
    // Whose tag stands there now, the registry alone knows: what is not signed is not read.
    await using reader = await builder(CONFIG);
    const read = await reader.build(['--cache-from', place]);
    expect(reader.server()).toBe(main.server());
    expect([0, 1]).toContain(read.warnings.length);
  });

  it('is not won in the scope of a pull request, even where a trusted build is told to read it', async () => {
    const cache = repository();
    await attack(`${cache}:pr-7`);
    await using main = await builder(CONFIG);
    const built = await main.build(['--cache-from', `${cache}:pr-7`, ...both(`${cache}:main`)], TRUSTED);
    expect(built).toMatchObject({ outcomes: ['ran'], warnings: [expect.stringMatching(/"pr-7" is not signed/)] });
    expect(main.server()).not.toContain('evil');
  });

  it('cannot be entered by a pull request: it reads main, writes a scope of its own, and is told so', async () => {
    const cache = repository();
    await using main = await builder(CONFIG);
    await main.build(both(`${cache}:main`), TRUSTED);
    const registry = openRegistry(cache);
    const before = await registry.resolve('main');

    await using pr = await builder(CONFIG);
    await pr.rig.write({ 'tools/more.ts': pr.rig.read('tools/echo.ts') });
    const refused = await pr.build(both(`${cache}:main`));
    expect(refused.outcomes).toEqual(['ran', 'restored']);
    expect(refused.warnings).toEqual([
      expect.stringMatching(/Nothing is sent to .*MCPGEN_CACHE_PRIVATE_KEY is not set/),
    ]);
    expect(await registry.resolve('main')).toEqual(before);

    pr.forget();
    const flags = ['--cache-from', `${cache}:pr-7,${cache}:main`, '--cache-to', `${cache}:pr-7`];
    expect(await pr.build(flags)).toMatchObject({ outcomes: ['ran', 'restored'], warnings: [] });
    pr.forget();
    expect(await pr.build(flags)).toMatchObject({ outcomes: ['restored'], warnings: [] });
    expect(await registry.resolve('main')).toEqual(before);
  });
});
