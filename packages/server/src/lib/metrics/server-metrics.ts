import type { Answer } from '../protocol/answer.ts';
import { Refusal } from '../protocol/answer.ts';

/** What became of calls besides an answer that serves: counted beside `calls`. */
export type CallProblem = 'failed' | 'invalid' | 'timedOut' | 'cancelled';

/** Of one tool, since the server started. */
export interface ToolMetrics {
  /** Calls that have ended, however they did. */
  readonly calls: number;
  /** The handler threw, could not be loaded, returned what cannot be sent, or said `isError`. */
  readonly failed: number;
  /** The arguments were refused. */
  readonly invalid: number;
  readonly timedOut: number;
  /** The client cancelled or left. */
  readonly cancelled: number;
  /** How long calls took, loading, validation and result cache included. */
  readonly latency: Latency;
}

export interface Latency {
  /** Of all calls together, milliseconds. */
  readonly sum: number;
  /** How many calls took at most `LATENCY_BOUNDS[index]` and more than the bound before it; the last, more than all. */
  readonly counts: readonly number[];
}

export interface MetricsSnapshot {
  /** By tool, those that were called. */
  readonly tools: Readonly<Record<string, ToolMetrics>>;
  /** Requests that were answered with a JSON-RPC error, by its code. */
  readonly refused: Readonly<Record<string, number>>;
}

/** Milliseconds. */
export const LATENCY_BOUNDS: readonly number[] = [
  1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000,
];

/** Counts what a server does: a few additions for each call, and memory for each tool that was called. */
export class ServerMetrics {
  readonly #tools = new Map<string, ToolCounts>();
  readonly #refused = new Map<number, number>();
  /** A monotonic clock in milliseconds. */
  readonly now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.now = now;
  }

  /** Counts a call that has ended; `started` is of `now`. */
  called(tool: string, started: number): void {
    const counts = this.#countsOf(tool);
    const took = this.now() - started;
    let bucket = 0;
    while (bucket < LATENCY_BOUNDS.length && took > (LATENCY_BOUNDS[bucket] ?? 0)) bucket++;
    counts.calls++;
    counts.sum += took;
    counts.latency[bucket] = (counts.latency[bucket] ?? 0) + 1;
  }

  problem(tool: string, problem: CallProblem): void {
    this.#countsOf(tool)[problem]++;
  }

  /** Counts an answer, once it is there, that is a JSON-RPC error. */
  watch(answer: Answer | Promise<Answer>): void {
    if (answer instanceof Promise) answer.then((ready) => this.watch(ready), ignore);
    else if (answer instanceof Refusal) this.#refused.set(answer.code, (this.#refused.get(answer.code) ?? 0) + 1);
  }

  snapshot(): MetricsSnapshot {
    const tools = [...this.#tools].map(([name, { sum, latency, ...counts }]) => {
      return [name, { ...counts, latency: { sum, counts: [...latency] } }] as const;
    });
    return { tools: Object.fromEntries(tools), refused: Object.fromEntries(this.#refused) };
  }

  #countsOf(tool: string): ToolCounts {
    const known = this.#tools.get(tool);
    if (known !== undefined) return known;
    const latency = LATENCY_BOUNDS.map(() => 0);
    const counts = { calls: 0, failed: 0, invalid: 0, timedOut: 0, cancelled: 0, sum: 0, latency: [...latency, 0] };
    this.#tools.set(tool, counts);
    return counts;
  }
}

interface ToolCounts extends Record<CallProblem, number> {
  calls: number;
  sum: number;
  readonly latency: number[];
}

/** A rejection becomes an answer where it is sent. */
function ignore(): void {}
