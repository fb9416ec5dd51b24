import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { readDockerOptions } from './docker-options.ts';

function writeContext(configDirectory: string, name: string, meta: unknown, tls = false): void {
  const id = createHash('sha256').update(name).digest('hex');
  mkdirSync(join(configDirectory, 'contexts/meta', id), { recursive: true });
  writeFileSync(join(configDirectory, 'contexts/meta', id, 'meta.json'), JSON.stringify(meta));
  if (!tls) return;
  const folder = join(configDirectory, 'contexts/tls', id, 'docker');
  mkdirSync(folder, { recursive: true });
  for (const file of ['ca', 'cert', 'key']) writeFileSync(join(folder, `${file}.pem`), file);
}

const meta = (Host: string) => ({ Name: 'x', Endpoints: { docker: { Host } } });

describe('readDockerOptions', () => {
  it('takes the default socket where nothing is said, and where the configuration is broken', async () => {
    await using directory = await temporaryDirectory();
    expect(readDockerOptions({ environment: {}, configDirectory: directory.path })).toEqual({});
    writeFileSync(join(directory.path, 'config.json'), '{');
    expect(readDockerOptions({ environment: { DOCKER_HOST: '' }, configDirectory: directory.path })).toEqual({});
  });

  it('takes DOCKER_HOST before DOCKER_CONTEXT before the current context', async () => {
    await using directory = await temporaryDirectory();
    const configDirectory = directory.path;
    writeFileSync(join(configDirectory, 'config.json'), JSON.stringify({ currentContext: 'current' }));
    writeContext(configDirectory, 'current', meta('unix:///current.sock'));
    writeContext(configDirectory, 'named', meta('tcp://named:2376'), true);
    const hostOf = (environment: Record<string, string>) => readDockerOptions({ environment, configDirectory });
    expect(hostOf({})).toEqual({ host: 'unix:///current.sock' });
    expect(hostOf({ DOCKER_CONTEXT: 'named' })).toEqual({
      host: 'tcp://named:2376',
      tls: { ca: Buffer.from('ca'), cert: Buffer.from('cert'), key: Buffer.from('key') },
    });
    expect(hostOf({ DOCKER_CONTEXT: 'default' })).toEqual({});
    expect(hostOf({ DOCKER_CONTEXT: 'named', DOCKER_HOST: 'unix:///host.sock' })).toEqual({
      host: 'unix:///host.sock',
    });
  });

  it('takes variables of TLS that are set to nothing for unset, and names files that are not there', async () => {
    await using directory = await temporaryDirectory();
    const configDirectory = directory.path;
    const DOCKER_HOST = 'tcp://build.example:2376';
    const optionsOf = (environment: Record<string, string>) =>
      readDockerOptions({ environment: { DOCKER_HOST, ...environment }, configDirectory });
    expect(optionsOf({ DOCKER_TLS_VERIFY: '', DOCKER_CERT_PATH: '' })).toEqual({ host: DOCKER_HOST });
    expect(() => optionsOf({ DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '' })).toThrow(
      expect.objectContaining({ code: 'DOCKER_HOST_INVALID', message: expect.stringContaining(configDirectory) }),
    );
  });

  it.each([
    ['that is not there', undefined],
    ['without a host', { Name: 'x', Endpoints: {} }],
  ])('refuses a context %s', async (_, written) => {
    await using directory = await temporaryDirectory();
    if (written !== undefined) writeContext(directory.path, 'mine', written);
    expect(() =>
      readDockerOptions({ environment: { DOCKER_CONTEXT: 'mine' }, configDirectory: directory.path }),
    ).toThrow(expect.objectContaining({ code: 'DOCKER_CONTEXT_INVALID' }));
  });
});
