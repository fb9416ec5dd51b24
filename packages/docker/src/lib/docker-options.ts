import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DockerOptions } from './connect-docker.ts';
import type { DockerTls } from './docker-host.ts';
import { dockerContextInvalid, dockerHostInvalid } from './errors.ts';

/** Where Docker's own command looks. */
export interface DockerSettings {
  /** Of the process: `DOCKER_HOST`, `DOCKER_CONTEXT`, `DOCKER_TLS_VERIFY`, `DOCKER_CERT_PATH`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `DOCKER_CONFIG`, or `~/.docker`. Absolute. */
  readonly configDirectory: string;
}

/**
 * Which daemon is meant, as Docker's own command decides it: `DOCKER_HOST`, then the context that `DOCKER_CONTEXT` or
 * `docker context use` chose, then the default socket.
 *
 * @throws {DockerError} `DOCKER_CONTEXT_INVALID`; `DOCKER_HOST_INVALID` where its TLS files cannot be read
 */
export function readDockerOptions({ environment, configDirectory }: DockerSettings): DockerOptions {
  const { DOCKER_HOST: host = '', DOCKER_CONTEXT: named = '' } = environment;
  if (host !== '') return { host, ...tlsOption(environmentTls(host, { environment, configDirectory })) };
  const context = named === '' ? currentContext(configDirectory) : named;
  return context === 'default' ? {} : contextOptions(context, configDirectory);
}

/** Variables that are set to nothing count as unset, as for Docker's own command. */
function environmentTls(host: string, { environment, configDirectory }: DockerSettings): DockerTls | undefined {
  const { DOCKER_TLS_VERIFY: verify = '', DOCKER_CERT_PATH: certificates = '' } = environment;
  if (verify === '' && certificates === '') return undefined;
  const folder = certificates === '' ? configDirectory : certificates;
  try {
    return readTls(folder);
  } catch {
    throw dockerHostInvalid(
      host,
      `its TLS files in "${folder}" cannot be read`,
      'Put ca.pem, cert.pem and key.pem where DOCKER_CERT_PATH says, or unset it and DOCKER_TLS_VERIFY.',
    );
  }
}

function readTls(folder: string): DockerTls {
  return { ca: read(folder, 'ca.pem'), cert: read(folder, 'cert.pem'), key: read(folder, 'key.pem') };
}

function read(folder: string, name: string): Buffer {
  return readFileSync(join(folder, name));
}

function tlsOption(tls: DockerTls | undefined): { readonly tls?: DockerTls } {
  return tls === undefined ? {} : { tls };
}

/** A configuration that is missing or broken chooses nothing: Docker's command says what is wrong with it. */
function currentContext(configDirectory: string): string {
  try {
    const config: unknown = JSON.parse(readFileSync(join(configDirectory, 'config.json'), 'utf8'));
    const name = fieldOf(config, 'currentContext');
    return typeof name === 'string' && name !== '' ? name : 'default';
  } catch {
    return 'default';
  }
}

/** Docker keeps a context below the SHA-256 of its name. */
function contextOptions(name: string, configDirectory: string): DockerOptions {
  const id = createHash('sha256').update(name).digest('hex');
  const contexts = join(configDirectory, 'contexts');
  let meta: unknown;
  try {
    meta = JSON.parse(readFileSync(join(contexts, 'meta', id, 'meta.json'), 'utf8'));
  } catch (cause) {
    throw dockerContextInvalid(name, 'it cannot be read', cause);
  }
  const host = fieldOf(fieldOf(fieldOf(meta, 'Endpoints'), 'docker'), 'Host');
  if (typeof host !== 'string') throw dockerContextInvalid(name, 'it names no host for Docker');
  return { host, ...tlsOption(contextTls(join(contexts, 'tls', id, 'docker'))) };
}

function contextTls(folder: string): DockerTls | undefined {
  try {
    return readTls(folder);
  } catch {
    return undefined;
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
