/**
 * One build, as JSON. Its schema is published as `@mcpgen/build-metrics/schema/build-record.v1.json`; what is not said
 * there does not appear. Times are milliseconds, sizes bytes.
 */
export interface BuildRecord {
  /** The version of this format. A reader refuses the ones it does not know. */
  readonly version: 1;
  /** Unique among the records that are compared. */
  readonly id: string;
  /** What was built, such as a project's name: only records of the same name are worth comparing. */
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly started: number;
  readonly duration: number;
  readonly outcome: BuildOutcome;
  /** Steps that could run at the same time. */
  readonly concurrency: number;
  /** What else tells builds apart: profile, branch, commit. */
  readonly labels: Readonly<Record<string, string>>;
  /** What it ran on, and how busy others kept it. */
  readonly machine?: MachineFacts;
  /** In the order in which they began. */
  readonly spans: readonly SpanRecord[];
  /** Sizes of what was made, and of what that is made of. */
  readonly sizes?: readonly SizeRecord[];
}

export type BuildOutcome = 'succeeded' | 'failed' | 'cancelled';

/**
 * Something that took time. A span without a parent is a step: it has needs, took a slot, and counts in the analysis. One
 * with a parent is a part of its parent's time.
 */
export interface SpanRecord {
  /** Of a step: unique in the record. */
  readonly name: string;
  /** What sort of work it is, such as `bundle`: totals are given by kind. */
  readonly kind: string;
  /** Since the build began, without the time it waited for a slot. */
  readonly start: number;
  readonly end: number;
  readonly outcome: SpanOutcome;
  /** Position of the parent in `spans`. */
  readonly parent?: number;
  /** Names of the steps that had to be done before. */
  readonly needs?: readonly string[];
  /** Time it waited for a slot, before `start`. */
  readonly queued?: number;
  /** Slots it took; 1 where it is not said. 0: it ran besides the others, in another process perhaps. */
  readonly slots?: number;
  /** Time that it would have taken besides, had nothing been kept from earlier. */
  readonly saved?: number;
  /** Which cache had what was restored, such as `local` or `remote`. */
  readonly tier?: string;
  /** Size of what it made. */
  readonly bytes?: number;
  /** Size of what it read. */
  readonly read?: number;
  /** CPU time of all threads and children, where it is known. */
  readonly cpu?: number;
  /** Why it ran, or did not have to. */
  readonly reason?: string;
}

/** `fresh`: was in place already; `restored`: came from a cache; `ran`: was done. */
export type SpanOutcome = 'ran' | 'restored' | 'fresh' | 'failed' | 'cancelled';

/** Times are comparable on machines of one class only, and on a busy one hardly. */
export interface MachineFacts {
  /** Platform, cores and processor: `linux x64, 2 x AMD EPYC 7763`. */
  readonly class: string;
  readonly cores: number;
  /** Cores that other processes kept busy while the build ran, on average. */
  readonly others?: number;
  /** Share of the time, from 0 to 1, in which something waited for a core; known on Linux only. */
  readonly pressure?: number;
}

/** Something that was made: a layer, a bundle, a file in it. */
export interface SizeRecord {
  readonly name: string;
  readonly bytes: number;
  /** What it consists of, if that is known; not more than `bytes` together. */
  readonly parts?: readonly SizeRecord[];
}
