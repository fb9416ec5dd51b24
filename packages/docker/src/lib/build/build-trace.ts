import type { SolveStatus, Vertex } from './solve-status.ts';

/** A step of a build as it ended. */
export interface BuildStep {
  /** `[deps 2/4] RUN npm ci` */
  readonly name: string;
  /** Whether BuildKit had its result already. */
  readonly cached: boolean;
  /** Milliseconds since the epoch, by BuildKit's clock. */
  readonly started: number;
  /** Milliseconds. */
  readonly duration: number;
  /** Names of the steps that it waited for. */
  readonly needs: readonly string[];
}

/** What a build tells while it works. */
export type BuildEvent =
  | { readonly type: 'docker-build-started'; readonly step: string }
  | { readonly type: 'docker-build-finished'; readonly step: BuildStep }
  /** A line that a step printed. */
  | { readonly type: 'docker-build-log'; readonly step: string; readonly line: string }
  | { readonly type: 'docker-build-warning'; readonly step: string; readonly message: string };

/** Follows a build by what BuildKit tells of it. */
export interface BuildTrace {
  add(status: SolveStatus): void;
  /** The steps that ended, in that order. */
  steps(): readonly BuildStep[];
  /** The step that failed, with the last lines it printed: what BuildKit's own message does not say. */
  failure(): { readonly step: string; readonly error: string; readonly lines: readonly string[] } | undefined;
}

/** Lines of a step that are kept for an error. */
const KEPT_LINES = 20;

export function createBuildTrace(onEvent: (event: BuildEvent) => void = () => {}): BuildTrace {
  const vertexes = new Map<string, Vertex>();
  const finished = new Map<string, BuildStep>();
  const logs = new Map<string, StepLog>();
  const nameOf = (digest: string): string => vertexes.get(digest)?.name ?? digest;

  function see(vertex: Vertex): void {
    const before = vertexes.get(vertex.digest);
    vertexes.set(vertex.digest, vertex);
    if (vertex.started !== undefined && before?.started === undefined)
      onEvent({ type: 'docker-build-started', step: vertex.name });
    if (vertex.completed === undefined || vertex.error !== undefined || finished.has(vertex.digest)) return;
    const started = vertex.started ?? vertex.completed;
    const step: BuildStep = {
      name: vertex.name,
      cached: vertex.cached,
      started,
      duration: vertex.completed - started,
      needs: vertex.inputs.map(nameOf),
    };
    finished.set(vertex.digest, step);
    onEvent({ type: 'docker-build-finished', step });
  }

  return {
    add({ vertexes: seen, logs: printed, warnings }) {
      for (const vertex of seen) see(vertex);
      for (const { vertex, bytes } of printed) {
        const log = logs.get(vertex) ?? createStepLog();
        logs.set(vertex, log);
        for (const line of log.add(bytes)) onEvent({ type: 'docker-build-log', step: nameOf(vertex), line });
      }
      for (const { vertex, message } of warnings)
        onEvent({ type: 'docker-build-warning', step: nameOf(vertex), message });
    },
    steps: () => [...finished.values()],
    failure() {
      // A step that is cancelled because another failed says so of itself too.
      const failed = [...vertexes.values()].filter(({ error }) => error !== undefined);
      const first = failed.find(({ error = '' }) => !/context canceled/.test(error)) ?? failed[0];
      if (first?.error === undefined) return undefined;
      return { step: first.name, error: first.error, lines: logs.get(first.digest)?.last() ?? [] };
    },
  };
}

/** Lines of what comes in pieces. */
interface StepLog {
  add(bytes: Uint8Array): readonly string[];
  last(): readonly string[];
}

function createStepLog(): StepLog {
  const decoder = new TextDecoder();
  const kept: string[] = [];
  let rest = '';
  return {
    add(bytes) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      kept.push(...lines);
      kept.splice(0, kept.length - KEPT_LINES);
      return lines;
    },
    last: () => (rest === '' ? kept : [...kept, rest]),
  };
}
