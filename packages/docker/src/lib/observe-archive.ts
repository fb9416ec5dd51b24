/** An archive on its way to the daemon. */
export interface ObservedArchive {
  readonly content: AsyncGenerator<Uint8Array>;
  /** What the archive threw: the client library wraps or swallows it. */
  failure(): unknown;
}

/** Counts what is sent, in bytes, and remembers what the archive threw. */
export function observeArchive(
  archive: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void = () => {},
): ObservedArchive {
  let failure: unknown;
  async function* content() {
    let bytes = 0;
    try {
      for await (const chunk of archive) {
        bytes += chunk.length;
        onBytes(bytes);
        yield chunk;
      }
    } catch (error) {
      failure = error;
      throw error;
    }
  }
  return { content: content(), failure: () => failure };
}
