import { hash } from 'node:crypto';
import type { Digest } from '@mcpgen/build-cache';

/** The digest of a value as JSON, its fields in the order in which they were given. */
export function digestJson(value: unknown): Digest {
  return `sha256:${hash('sha256', JSON.stringify(value))}`;
}
