/** So many reports go out at once; most calls never make more. */
const BURST = 100;
/** Between two reports after that, milliseconds. */
const INTERVAL = 10;

/**
 * Keeps a handler that reports in a loop from flooding its client: after a burst a report waits its turn and the next one
 * takes its place. The last one always goes out.
 */
export class PacedReports<Report> {
  readonly #send: (report: Report) => void;
  readonly #now: () => number;
  #left = BURST;
  #nextAt = 0;
  #held: { readonly report: Report } | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param now a monotonic clock in milliseconds. */
  constructor(send: (report: Report) => void, now: () => number = () => performance.now()) {
    this.#send = send;
    this.#now = now;
  }

  add(report: Report): void {
    if (this.#left > 0) {
      this.#left--;
      this.#send(report);
      return;
    }
    this.#held = { report };
    const wait = this.#nextAt - this.#now();
    if (wait <= 0) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), wait).unref();
  }

  /** Sends what waits. */
  flush(): void {
    const held = this.#held;
    this.drop();
    if (held === undefined) return;
    this.#nextAt = this.#now() + INTERVAL;
    this.#send(held.report);
  }

  /** Forgets what waits. */
  drop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#held = undefined;
  }
}
