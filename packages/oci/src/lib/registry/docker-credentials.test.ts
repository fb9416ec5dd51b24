import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { type Tree, temporaryDirectory, writeTree } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { dockerCredentials } from './docker-credentials.ts';

const basic = (text: string) => Buffer.from(text).toString('base64');

/** Looks a registry up in a configuration; helpers are scripts by name. */
async function lookUp(registry: string, config: object | string, helpers: Readonly<Record<string, string>> = {}) {
  await using directory = await temporaryDirectory();
  const scripts = Object.entries(helpers).map(([name, script]) => [
    `bin/docker-credential-${name}`,
    `#!/bin/sh\n${script}\n`,
  ]);
  const tree: Tree = {
    'config.json': typeof config === 'string' ? config : JSON.stringify(config),
    ...Object.fromEntries(scripts),
  };
  await writeTree(directory.path, tree);
  for (const name of Object.keys(helpers)) await chmod(join(directory.path, `bin/docker-credential-${name}`), 0o755);
  const environment = { PATH: `${join(directory.path, 'bin')}:/usr/bin:/bin` };
  return await dockerCredentials({ configDirectory: directory.path, environment })(registry);
}

describe('dockerCredentials', () => {
  it('finds nothing where there is no file', async () => {
    const provider = dockerCredentials({ configDirectory: '/nowhere', environment: {} });
    expect(await provider('ghcr.io')).toBeUndefined();
  });

  it.each([
    [
      'ghcr.io',
      { 'ghcr.io': { auth: basic('user:pa:ss') } },
      { kind: 'password', username: 'user', password: 'pa:ss' },
    ],
    [
      'ghcr.io',
      { 'https://ghcr.io': { auth: basic('user:pass\0\0') } },
      { kind: 'password', username: 'user', password: 'pass' },
    ],
    [
      'docker.io',
      { 'https://index.docker.io/v1/': { auth: basic('u:p') } },
      { kind: 'password', username: 'u', password: 'p' },
    ],
    ['ghcr.io', { 'ghcr.io': { username: 'u', password: 'p' } }, { kind: 'password', username: 'u', password: 'p' }],
    ['ghcr.io', { 'ghcr.io': { auth: basic('u:'), identitytoken: 'it' } }, { kind: 'identity-token', token: 'it' }],
    ['ghcr.io', { 'ghcr.io': { registrytoken: 'rt' } }, { kind: 'registry-token', token: 'rt' }],
    [
      '127.0.0.1:5000',
      { '127.0.0.1:5000': { auth: basic('u:p') } },
      { kind: 'password', username: 'u', password: 'p' },
    ],
    ['ghcr.io', { 'ghcr.io': {} }, undefined],
    ['ghcr.io', { 'evil-ghcr.io': { auth: basic('u:p') } }, undefined],
    ['ghcr.io', { 'ghcr.io/owner': { auth: basic('u:p') } }, undefined],
  ])('reads the entry of %s', async (registry, auths, expected) => {
    expect(await lookUp(registry, { auths })).toEqual(expected);
  });

  it('asks the helper of the registry before the general one, and both before the file', async () => {
    const answer = (user: string) =>
      `read server; echo '{"ServerURL":"'$server'","Username":"${user}","Secret":"'$server'"}'`;
    const config = {
      credHelpers: { 'ghcr.io': 'own' },
      credsStore: 'general',
      auths: { 'quay.io': { auth: basic('file:x') } },
    };
    const helpers = { own: answer('own'), general: answer('general') };
    expect(await lookUp('ghcr.io', config, helpers)).toEqual({
      kind: 'password',
      username: 'own',
      password: 'ghcr.io',
    });
    expect(await lookUp('docker.io', config, helpers)).toEqual({
      kind: 'password',
      username: 'general',
      password: 'https://index.docker.io/v1/',
    });
  });

  it('falls back to the file when a helper knows nothing', async () => {
    const config = { credsStore: 'empty', auths: { 'ghcr.io': { auth: basic('file:x') } } };
    const helpers = { empty: 'echo "credentials not found in native keychain"; exit 1' };
    expect(await lookUp('ghcr.io', config, helpers)).toMatchObject({ username: 'file' });
    expect(await lookUp('quay.io', config, helpers)).toBeUndefined();
  });

  it('takes a token from a helper', async () => {
    const helpers = { h: `echo '{"Username":"<token>","Secret":"refresh"}'` };
    expect(await lookUp('ghcr.io', { credsStore: 'h' }, helpers)).toEqual({ kind: 'identity-token', token: 'refresh' });
  });

  it.each([
    ['is not installed', 'missing', {}, 'is not installed'],
    ['fails', 'h', { h: 'echo broken >&2; exit 3' }, 'failed'],
    ['answers nonsense', 'h', { h: 'echo secret' }, 'not a user and a secret'],
    ['has a path for a name', '../../bin/sh', {}, 'not the name of a program'],
    ['has a shell command for a name', 'x; touch /tmp/canary', {}, 'not the name of a program'],
  ])('says so when a helper %s, without what it printed', async (_, credsStore, helpers, problem) => {
    const failure = lookUp('ghcr.io', { credsStore }, helpers);
    await expect(failure).rejects.toMatchObject({
      code: 'CREDENTIAL_HELPER_FAILED',
      message: expect.stringContaining(problem),
    });
    await expect(failure).rejects.not.toMatchObject({ message: expect.stringContaining('secret"') });
  });

  it.each([
    ['{"auths":{"ghcr.io":{"auth":"c2VjcmV0', 'it is not a JSON object'],
    ['[]', 'it is not a JSON object'],
    [JSON.stringify({ auths: { 'ghcr.io': { auth: basic('no colon') } } }), 'is not a user and a password'],
  ])('refuses a damaged file without quoting it', async (config, problem) => {
    const failure = await lookUp('ghcr.io', config).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'CREDENTIALS_UNREADABLE', message: expect.stringContaining(problem) });
    expect(failure).not.toHaveProperty('cause');
  });
});
