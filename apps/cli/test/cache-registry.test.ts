import { generateKeyPairSync } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { startRegistry } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { type CliRig, cliRig } from './cli-rig.ts';

const BUILD = ['build', '--no-image', '--no-typecheck', '--json'];

/** As a machine that has never built it. */
function forget(rig: CliRig): void {
  for (const name of ['.cache', 'dist']) rmSync(join(rig.directory, name), { recursive: true, force: true });
}

function outcomes(built: Readonly<Record<string, unknown>>): readonly string[] {
  return (built.steps as readonly { readonly outcome: string }[]).map(({ outcome }) => outcome);
}

describe('mcpgen cache push and pull', () => {
  it('build nothing twice: another machine restores every step', async () => {
    await using registry = await startRegistry();
    await using rig = await cliRig();
    const reference = `${registry.host}/team/cache:main`;
    await rig.run(BUILD);
    const pushed = await rig.run(['cache', 'push', reference, '--json']);
    expect(pushed.code, pushed.stderr).toBe(0);
    expect(pushed.json()).toMatchObject({ code: 'CACHE_PUSHED', entries: expect.any(Number) });
    expect((await rig.run(['cache', 'push', reference, '--json'])).json()).toMatchObject({ entries: 0, bytes: 0 });

    forget(rig);
    const pulled = await rig.run(['cache', 'pull', reference, '--json']);
    expect(pulled.code, pulled.stderr).toBe(0);
    expect(pulled.json()).toMatchObject({ code: 'CACHE_PULLED', entries: pushed.json().entries, failed: 0 });
    const built = (await rig.run(BUILD)).json();
    expect(new Set(outcomes(built))).toEqual(new Set(['restored']));
  });

  it('of a cache that is not there yet bring nothing, and that is no failure', async () => {
    await using registry = await startRegistry();
    await using rig = await cliRig();
    const ran = await rig.run(['cache', 'pull', `${registry.host}/team/cache:main`, '--json']);
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.json()).toMatchObject({ code: 'CACHE_PULLED', entries: 0 });
  });

  it('of a registry that is not there end with exit code 3 and the reason', async () => {
    const registry = await startRegistry();
    await registry.close();
    await using rig = await cliRig();
    const reference = `${registry.host}/team/cache:main`;
    await rig.run(BUILD);
    for (const command of ['pull', 'push']) {
      const ran = await rig.run(['cache', command, reference, '--json']);
      expect(ran.code).toBe(3);
      expect(ran.json()).toMatchObject({ status: 'error', message: expect.stringContaining('ECONNREFUSED') });
    }
  });

  it('believe only what a configured key signed', async () => {
    await using registry = await startRegistry();
    await using rig = await cliRig();
    const reference = `${registry.host}/team/cache:main`;
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const MCPGEN_CACHE_PRIVATE_KEY = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await rig.run(BUILD);
    await rig.run(['cache', 'push', reference]);
    const key = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    await rig.write({ 'mcpgen.config.json': JSON.stringify({ cache: { publicKeys: [key] } }) });

    const refused = await rig.run(['cache', 'pull', reference, '--json']);
    expect(refused.code).toBe(3);
    expect(refused.json()).toMatchObject({
      code: 'CACHE_NOT_PULLED',
      message: expect.stringContaining('is not signed'),
      entries: 0,
    });
    const unsigned = await rig.run(['cache', 'push', reference, '--json']);
    expect(unsigned.code).toBe(3);
    expect(unsigned.json().message).toContain('MCPGEN_CACHE_PRIVATE_KEY');

    // The trusted build replaces what it does not believe.
    const signed = await rig.run(['cache', 'push', reference, '--json'], { env: { MCPGEN_CACHE_PRIVATE_KEY } });
    expect(signed.code, signed.stdout).toBe(0);
    forget(rig);
    expect((await rig.run(['cache', 'pull', reference, '--json'])).json()).toMatchObject({
      code: 'CACHE_PULLED',
      entries: signed.json().entries,
    });
  });

  it.each([
    ['a reference', 'https://ghcr.io/a/b', /without https/],
    ['a digest', `ghcr.io/a/b@sha256:${'0'.repeat(64)}`, /expected a tag/],
  ])('say what is wrong with %s', async (_what, reference, says) => {
    await using rig = await cliRig();
    const ran = await rig.run(['cache', 'pull', reference]);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(says);
  });
});
