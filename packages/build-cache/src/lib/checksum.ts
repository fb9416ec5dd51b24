/** 16 hex digits of the XXH64 of bytes. */
export type Checksum = (bytes: Uint8Array) => string;

/** Hex digits. */
export const CHECKSUM = 16;

let loading: Promise<Checksum | undefined> | undefined;

/**
 * A checksum for what is read back from a disk that only may have failed: a fifth of the cost of a SHA-256. It takes two
 * milliseconds to load, so it is for many files. `undefined` where WebAssembly is not to be had.
 */
export function loadChecksum(): Promise<Checksum | undefined> {
  loading ??= load().catch(() => undefined);
  return loading;
}

async function load(): Promise<Checksum> {
  const { default: xxhash } = await import('xxhash-wasm');
  const { h64Raw } = await xxhash();
  return (bytes) => h64Raw(bytes).toString(16).padStart(CHECKSUM, '0');
}
