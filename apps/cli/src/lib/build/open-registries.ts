import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  type CredentialsProvider,
  dockerCredentials,
  mirroredRegistry,
  openRegistry,
  parseReference,
  type Reference,
  type RegistryStore,
} from '@mcpgen/oci';
import type { CliContext } from '../context.ts';
import { registryFetch } from '../registries/registry-fetch.ts';
import { type MachineRegistries, readRegistrySettings } from '../registries/registry-settings.ts';

/** Opens repositories with the user's own credentials. */
export type OpenRepository = (reference: Reference, access: 'pull' | 'push') => RegistryStore;

/**
 * Registries as `docker login` knows them, and as this machine reaches them: mirrors for what is read, proxies, certificates.
 * Plain HTTP only where asked for, or on this machine.
 */
export function openRegistries(
  { environment, signal }: CliContext,
  options: { readonly insecure: boolean },
): OpenRepository {
  let credentials: CredentialsProvider | undefined;
  let settings: MachineRegistries | undefined;
  const open: OpenOne = (reference, access, retry) => {
    credentials ??= dockerCredentials({
      configDirectory: environment.DOCKER_CONFIG ?? join(homedir(), '.docker'),
      environment,
    });
    settings ??= readRegistrySettings(environment);
    const own = settings[reference.registry] ?? {};
    const fetch = registryFetch(environment, own);
    // Who tells of certificates, tells that there is TLS.
    const secure = own.plainHttp === false || own.ca !== undefined || own.skipVerify === true;
    const insecure = options.insecure || own.plainHttp === true;
    return openRegistry(reference, {
      credentials,
      access,
      signal,
      ...(retry && { retry }),
      ...(fetch && { fetch }),
      ...(own.tokenHosts && { tokenHosts: own.tokenHosts }),
      ...((insecure || secure) && { insecure }),
    });
  };
  return (reference, access) => {
    const origin = open(reference, access);
    const mirrors = access === 'pull' ? (settings?.[reference.registry]?.mirrors ?? []) : [];
    if (mirrors.length === 0) return origin;
    return mirroredRegistry(
      origin,
      mirrors.map((mirror) => open(inMirror(reference, mirror), 'pull', { attempts: 1 })),
    );
  };
}

type OpenOne = (reference: Reference, access: 'pull' | 'push', retry?: { readonly attempts: number }) => RegistryStore;

/** `docker.io/library/node` in `mirror.example.com/hub` is `mirror.example.com/hub/library/node`. */
function inMirror({ repository }: Reference, mirror: string): Reference {
  const slash = mirror.indexOf('/');
  const host = slash < 0 ? mirror : mirror.slice(0, slash);
  const prefix = slash < 0 ? '' : mirror.slice(slash + 1).replace(/\/*$/, '/');
  // A host without a dot or port would be taken for a name.
  return {
    ...parseReference(`${/[.:]/.test(host) || host === 'localhost' ? host : `${host}:443`}/${prefix}${repository}`),
  };
}
