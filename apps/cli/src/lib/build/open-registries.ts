import {
  type CredentialsProvider,
  dockerCredentials,
  openRegistry,
  type Reference,
  type RegistryStore,
} from '@mcpgen/oci';
import { dockerConfigDirectory } from '../connect-to-docker.ts';
import type { CliContext } from '../context.ts';

/** Opens repositories with the user's own credentials. */
export type OpenRepository = (reference: Reference, access: 'pull' | 'push') => RegistryStore;

/** Registries as `docker login` knows them; plain HTTP only where asked for, or on this machine. */
export function openRegistries(
  { environment, signal }: CliContext,
  options: { readonly insecure: boolean },
): OpenRepository {
  let credentials: CredentialsProvider | undefined;
  return (reference, access) => {
    credentials ??= dockerCredentials({
      configDirectory: dockerConfigDirectory({ environment }),
      environment,
    });
    return openRegistry(reference, { credentials, access, signal, ...(options.insecure ? { insecure: true } : {}) });
  };
}
