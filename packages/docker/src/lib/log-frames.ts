import type { ContainerLogs } from './run-container.ts';

const HEADER = 8;
const STDERR = 2;

/**
 * Parts the log of a container without a terminal into its two streams. Each frame is one byte for the stream, three zeros,
 * the length in four bytes, and the text: https://docs.docker.com/reference/api/engine/version/v1.43/#tag/Container/operation/ContainerAttach
 */
export function parseLogFrames(log: Buffer): ContainerLogs {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  for (let at = 0; at + HEADER <= log.length; ) {
    const length = log.readUInt32BE(at + 4);
    const text = log.subarray(at + HEADER, at + HEADER + length);
    (log[at] === STDERR ? err : out).push(text);
    at += HEADER + length;
  }
  return { stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8') };
}
