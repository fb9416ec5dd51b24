import { DEFAULT_RESULT_LIMIT } from '../protocol/protocol.ts';

/**
 * What is wrong with the size of a result, as an end of a sentence, or nothing.
 * @param limit bytes
 */
export function sizeProblem(json: string, limit = DEFAULT_RESULT_LIMIT): string | undefined {
  // Exact only where it matters: a string has at most three bytes for each of its units.
  if (json.length * 3 <= limit) return undefined;
  const size = Buffer.byteLength(json);
  return size > limit ? `result of ${megabytes(size)} MB exceeds ${megabytes(limit)} MB` : undefined;
}

/** The same of a result whose whole size nobody knows. */
export function exceeds(limit: number): string {
  return `result exceeds ${megabytes(limit)} MB`;
}

export function megabytes(bytes: number): number {
  const size = bytes / (1024 * 1024);
  return size < 10 ? Math.round(size * 10) / 10 : Math.round(size);
}
