import type { CredentialsProvider } from '@mcpgen/oci';
import type { CliContext } from '../context.ts';

export function dockerCredentials(_context: CliContext): CredentialsProvider {
  return async () => undefined;
}
