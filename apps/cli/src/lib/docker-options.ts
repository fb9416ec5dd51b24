import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { DockerOptions } from '@mcpgen/docker';
import type { CliContext } from './context.ts';

/** Which daemon the environment names, as Docker's own command reads it: `DOCKER_HOST`, `DOCKER_TLS_VERIFY`, `DOCKER_CERT_PATH`. */
export function dockerOptions({ environment }: Pick<CliContext, 'environment'>): DockerOptions {
  const { DOCKER_HOST: host, DOCKER_TLS_VERIFY: verify, DOCKER_CERT_PATH: certificates } = environment;
  if (host === undefined || host === '') return {};
  if (verify === undefined && certificates === undefined) return { host };
  const folder = certificates ?? join(homedir(), '.docker');
  const read = (name: string): Buffer => readFileSync(join(folder, name));
  return { host, tls: { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') } };
}
