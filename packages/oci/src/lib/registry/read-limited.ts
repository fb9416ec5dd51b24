/**
 * The body of a response, at most `limit` bytes; `undefined` when there is more. What is not read is given up, so the
 * connection is not kept waiting.
 */
export async function readLimited(response: Response, limit: number): Promise<Buffer | undefined> {
  if (response.body === null) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > limit) return undefined; // Leaving the loop cancels the body.
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Gives up the body of a response that nobody needs. */
export async function discardBody(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => {});
}
