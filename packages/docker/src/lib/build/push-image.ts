import { Readable } from 'node:stream';
import type { Credentials } from '@mcpgen/oci';
import type Docker from 'dockerode';
import { readJsonLines } from '../json-lines.ts';
import { buildFailure } from './build-failure.ts';
import type { SessionOptions } from './open-session.ts';

/**
 * Pushes an image that the engine has, for image stores that cannot push within the build. The answer is read to its end:
 * what a registry refuses stands there, after a status of 200.
 */
export async function pushImage(
  client: Docker,
  reference: string,
  {
    host,
    credentials,
    signal,
  }: Pick<SessionOptions, 'credentials'> & { readonly host: string; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const registry = registryOf(reference);
  const found = await credentials?.(registry);
  const answer = await client.getImage(reference).push({
    ...(found !== undefined && { authconfig: { ...authOf(found), serveraddress: registry } }),
    ...(signal !== undefined && { abortSignal: signal }),
  });
  for await (const line of readJsonLines(Readable.from(answer))) {
    if (typeof line.error === 'string')
      throw buildFailure(`failed to push ${reference}: ${line.error}`, undefined, host);
  }
}

function authOf(found: Credentials): Readonly<Record<string, string>> {
  switch (found.kind) {
    case 'password':
      return { username: found.username, password: found.password };
    case 'identity-token':
      return { identitytoken: found.token };
    case 'registry-token':
      return { registrytoken: found.token };
    default:
      return found satisfies never;
  }
}

/** The first part of a name is a registry where it could not be an owner of Docker Hub. */
function registryOf(reference: string): string {
  const [first = '', ...rest] = reference.split('/');
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : 'docker.io';
}
