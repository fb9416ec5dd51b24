import { decodeMessage } from './protobuf-schema.ts';
import type { SolveStatus, Vertex } from './solve-status.ts';

interface Timestamp {
  readonly seconds?: number;
  readonly nanos?: number;
}

interface DecodedStatus {
  readonly vertexes: readonly (Partial<Omit<Vertex, 'started' | 'completed'>> & {
    readonly started?: Timestamp;
    readonly completed?: Timestamp;
  })[];
  readonly logs: readonly { readonly vertex?: string; readonly msg?: Uint8Array }[];
  readonly warnings: readonly { readonly vertex?: string; readonly short?: Uint8Array }[];
}

/** A line of the engine's build trace: `{"id":"moby.buildkit.trace","aux":"<base64>"}`. Throws where it is none. */
export function decodeStatus(base64: string): SolveStatus {
  // The schema vouches for the form.
  const { vertexes, logs, warnings } = decodeMessage('StatusResponse', Buffer.from(base64, 'base64')) as DecodedStatus;
  return {
    vertexes: vertexes.map(({ digest = '', inputs = [], name = '', cached = false, started, completed, error }) => ({
      digest,
      inputs,
      name,
      cached,
      started: millisecondsOf(started),
      completed: millisecondsOf(completed),
      error: error === '' ? undefined : error,
    })),
    logs: logs.map(({ vertex = '', msg = NOTHING }) => ({ vertex, bytes: msg })),
    warnings: warnings.map(({ vertex = '', short = NOTHING }) => ({ vertex, message: Buffer.from(short).toString() })),
  };
}

const NOTHING = new Uint8Array();

function millisecondsOf(time: Timestamp | undefined): number | undefined {
  return time === undefined ? undefined : (time.seconds ?? 0) * 1000 + (time.nanos ?? 0) / 1e6;
}
