import { type Fault, startRegistry, type TestRegistry } from '@mcpgen/testing';
import type { Descriptor } from '../src/lib/descriptor.ts';
import { digestBytes } from '../src/lib/digest.ts';
import { MEDIA_TYPE } from '../src/lib/media-type.ts';
import type { Credentials } from '../src/lib/registry/authenticator.ts';
import { openRegistry, type RegistryOptions, type RegistryStore } from '../src/lib/registry/open-registry.ts';
import { collectContent } from '../src/lib/verify-content.ts';

/** The account of registries that ask for one. */
export const ACCOUNT = { username: 'user', password: 'secret' };
/** Gives that account. */
export const PASSWORD = async (): Promise<Credentials> => ({ kind: 'password', ...ACCOUNT });
/** Retries at once. */
export const FAST = { retry: { delay: async () => {} } };

/** A descriptor with its content. */
export interface TestBlob extends Descriptor {
  readonly bytes: Buffer;
}

function blob(content: string | Buffer): TestBlob {
  const bytes = Buffer.from(content);
  return { mediaType: MEDIA_TYPE.layer, digest: digestBytes(bytes), size: bytes.length, bytes };
}

/** Five bytes. */
export const HELLO: TestBlob = blob('hello');
/** More than goes in one piece. */
export const BIG: TestBlob = blob(Buffer.alloc(3 * 1024 * 1024, 'big'));

/** More than is sent again as a whole when a connection was cut. */
export const LARGE: TestBlob = blob(Buffer.alloc(6_000_000, 'large'));

/** A registry whose repository `a` has the blob. */
export async function withBlob(content: TestBlob, faults: readonly Fault[] = []): Promise<TestRegistry> {
  const registry = await startRegistry({ faults });
  registry.putBlob('a', content.bytes);
  return registry;
}

/** Opens the repository `a`. */
export function open(registry: TestRegistry, options: RegistryOptions = FAST): RegistryStore {
  return openRegistry(`${registry.host}/a`, options);
}

/** Reads all of a blob or manifest from the repository `a`. */
export async function read(registry: TestRegistry, content: Descriptor, options?: RegistryOptions): Promise<Buffer> {
  return collectContent(open(registry, options).read(content));
}
