import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openRegistry } from '@mcpgen/oci';
import { serviceForTest, startRegistry, temporaryDirectory } from '@mcpgen/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { type CliRig, cliRig, ECHO } from './cli-rig.ts';

const run = promisify(execFile);
const cosign = serviceForTest('MCPGEN_TEST_COSIGN', {
  script: 'scripts/services/install-docker.sh',
  environment: process.env,
});
if (cosign.kind === 'absent') process.stderr.write(`skipped: signatures against cosign: ${cosign.reason}\n`);

/** The layer of the host base takes seconds: these projects share a store. */
const store = await temporaryDirectory();
afterAll(store.remove);
const CONFIG = { 'mcpgen.config.json': JSON.stringify({ cache: { directory: store.path } }) };

const BUILD = ['build', '--no-typecheck', '--json'];

/** A key of OpenSSL, and its public key in the project. */
async function withKey() {
  const rig = await cliRig({ 'tools/echo.ts': ECHO, ...CONFIG });
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await rig.write({ 'cosign.pub': String(publicKey.export({ type: 'spki', format: 'pem' })) });
  return { rig, env: { COSIGN_PRIVATE_KEY: String(privateKey.export({ type: 'pkcs8', format: 'pem' })) } };
}

async function pushSigned(rig: CliRig, reference: string, env: Readonly<Record<string, string>>, ...args: string[]) {
  const ran = await rig.run([...BUILD, '--push', reference, '--sign', ...args], { env });
  expect(ran.code, ran.stdout + ran.stderr).toBe(0);
  return (ran.json().image as { digest: `sha256:${string}` }).digest;
}

describe('mcpgen build --sign, mcpgen image verify', () => {
  it.each([true, false])('sign and verify (registry with calls for referrers: %s)', async (referrers) => {
    await using registry = await startRegistry({ referrers });
    const { rig, env } = await withKey();
    await using _ = rig;
    const reference = `${registry.host}/team/echo:1.0`;
    const digest = await pushSigned(rig, reference, env, '--provenance');
    const verified = await rig.run(['image', 'verify', reference, '--key', 'cosign.pub', '--json']);
    expect(verified.json(), verified.stdout).toMatchObject({
      code: 'IMAGE_VERIFIED',
      digest,
      statements: ['https://sigstore.dev/cosign/sign/v1', 'https://slsa.dev/provenance/v1'],
      signatures: 3,
    });
    // Signatures are never the same bytes twice: what is signed already is not signed again.
    await pushSigned(rig, reference, env, '--provenance');
    expect((await rig.run(['image', 'verify', reference, '--key', 'cosign.pub', '--json'])).json()).toMatchObject({
      signatures: 3,
    });
  });

  it('tell an image that nobody signed from one that others signed, or signed for another image', async () => {
    await using registry = await startRegistry();
    const [one, two] = [await withKey(), await withKey()];
    await using rig = one.rig;
    await using other = two.rig;
    const reference = `${registry.host}/team/echo:1.0`;
    await rig.run([...BUILD, '--push', reference]);
    const verify = async () => rig.run(['image', 'verify', reference, '--key', 'cosign.pub', '--json']);
    expect((await verify()).json().code).toBe('SIGNATURE_MISSING');
    const digest = await pushSigned(other, reference, two.env);
    const untrusted = await verify();
    expect([untrusted.code, untrusted.json().code]).toEqual([1, 'SIGNATURE_UNTRUSTED']);

    // What was signed for one image is put where those for another one lie.
    await pushSigned(rig, `${registry.host}/team/good:1.0`, one.env);
    await rig.write({ 'tools/echo.ts': ECHO.replace('again', 'evil') });
    const ran = await rig.run([...BUILD, '--push', `${registry.host}/team/good:evil`]);
    const evil = (ran.json().image as { digest: string }).digest;
    const { tags } = registry.repository('team/good');
    const good = digest.replace(':', '-');
    for (const ending of ['', '.sig']) {
      const from = tags.get(`${good}${ending}`);
      if (from !== undefined) tags.set(`${evil.replace(':', '-')}${ending}`, from);
    }
    const moved = await rig.run([
      'image',
      'verify',
      `${registry.host}/team/good:evil`,
      '--key',
      'cosign.pub',
      '--json',
    ]);
    expect(moved.json()).toMatchObject({
      code: 'SIGNATURE_UNTRUSTED',
      message: expect.stringContaining('2 signatures'),
    });
  });

  it('say what is wrong with a key before anything is built, and quote nothing of it', async () => {
    const { rig } = await withKey();
    await using _ = rig;
    const reference = '127.0.0.1:1/a:1';
    const pem = (type: 'rsa' | 'ed25519') =>
      type === 'rsa'
        ? generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
        : generateKeyPairSync('ed25519').privateKey;
    const exported = (type: 'rsa' | 'ed25519') => String(pem(type).export({ type: 'pkcs8', format: 'pem' }));
    const sealed =
      '-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nc2VjcmV0\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----';
    for (const [key, code] of [
      ['', 'KEY_UNUSABLE'],
      ['canary-of-a-key', 'KEY_UNUSABLE'],
      [sealed, 'KEY_UNUSABLE'],
      [exported('rsa'), 'KEY_INVALID'],
      [exported('ed25519'), 'KEY_INVALID'],
    ] as const) {
      const ran = await rig.run([...BUILD, '--push', reference, '--sign'], { env: { COSIGN_PRIVATE_KEY: key } });
      expect([ran.code, ran.json().code]).toEqual([2, code]);
      expect(ran.stdout + ran.stderr).not.toMatch(/canary|c2VjcmV0|MIIE/);
    }
    expect((await rig.run([...BUILD, '--sign'])).json().code).toBe('USAGE');
    await rig.write({ 'rsa.pem': exported('rsa') });
    for (const key of ['package.json', 'nothing.pub', 'rsa.pem']) {
      expect((await rig.run(['image', 'verify', reference, '--key', key, '--json'])).json().code).toBe('KEY_UNUSABLE');
    }
  });
});

describe.skipIf(cosign.kind === 'absent')('cosign', { timeout: 120_000 }, () => {
  const program = cosign.kind === 'present' ? cosign.address : '';
  const flags = ['--insecure-ignore-tlog', '--allow-http-registry'];

  /** A key of cosign, under a password. */
  async function withCosignKey() {
    const rig = await cliRig({ 'tools/echo.ts': ECHO, ...CONFIG });
    const env = { ...process.env, COSIGN_PASSWORD: 'a password, with ünïcode' };
    await run(program, ['generate-key-pair'], { cwd: rig.directory, env });
    return { rig, env: { COSIGN_PRIVATE_KEY: rig.read('cosign.key'), COSIGN_PASSWORD: env.COSIGN_PASSWORD } };
  }

  it.each([true, false])('verifies what mcpgen signs by its keys (calls for referrers: %s)', async (referrers) => {
    await using registry = await startRegistry({ referrers });
    const { rig, env } = await withCosignKey();
    await using _ = rig;
    const reference = `${registry.host}/team/echo:1.0`;
    const digest = await pushSigned(rig, reference, env, '--provenance');
    const key = ['--key', join(rig.directory, 'cosign.pub')];
    const verified = await run(program, ['verify', ...key, ...flags, reference]);
    expect(verified.stdout).toContain(digest);
    const type = ['--type', 'slsaprovenance1'];
    const attested = await run(program, ['verify-attestation', ...type, ...key, ...flags, reference]);
    expect(attested.stdout).toContain('application/vnd.in-toto+json');
    // Its form of before version 3 is looked at alone where there are no referrers.
    const bare = openRegistry(reference);
    for (const [name] of registry.repository('team/echo').tags) {
      if (/^sha256-[a-f0-9]{64}$/.test(name)) registry.repository('team/echo').tags.delete(name);
    }
    expect(await bare.resolve(`${digest.replace(':', '-')}.sig`)).toBeDefined();
    if (!referrers) expect((await run(program, ['verify', ...key, ...flags, reference])).stdout).toContain(digest);
    await expect(run(program, ['verify', ...key, ...flags, `${registry.host}/team/echo:none`])).rejects.toThrow();
  });

  it.each([
    ['today', []],
    ['before version 3', ['--new-bundle-format=false']],
  ])('signs what mcpgen verifies, in its form of %s', async (_, form) => {
    await using registry = await startRegistry();
    const { rig, env } = await withCosignKey();
    await using _rig = rig;
    const reference = `${registry.host}/team/echo:1.0`;
    const ran = await rig.run([...BUILD, '--push', reference]);
    const { digest } = ran.json().image as { digest: string };
    const own = [
      '--key',
      'cosign.key',
      '--tlog-upload=false',
      '--use-signing-config=false',
      '--allow-http-registry',
      '-y',
    ];
    await run(program, ['sign', ...own, ...form, `${registry.host}/team/echo@${digest}`], {
      cwd: rig.directory,
      env: { ...process.env, ...env },
    });
    const verified = await rig.run(['image', 'verify', reference, '--key', 'cosign.pub', '--json']);
    expect(verified.json(), verified.stdout).toMatchObject({ code: 'IMAGE_VERIFIED', digest });
  });
});
