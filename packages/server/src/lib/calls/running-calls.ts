/** Calls that began between two moments. */
export interface Epoch {
  running: number;
  readonly afterwards: (() => void)[];
}

/** Knows when the calls that run at a moment have ended. Counts only calls that take their time. */
export class RunningCalls {
  #current = newEpoch();
  /** Oldest first, the current one last. */
  readonly #epochs = [this.#current];

  /** Counts a call; give what this returns to `leave` when it has ended. */
  enter(): Epoch {
    this.#current.running++;
    return this.#current;
  }

  leave(epoch: Epoch): void {
    epoch.running--;
    if (this.#epochs.length > 1) this.#settle();
  }

  /** Calls the function when all calls that run now have ended: at once where there is none. */
  afterAll(action: () => void): void {
    this.#current.afterwards.push(action);
    this.#current = newEpoch();
    this.#epochs.push(this.#current);
    this.#settle();
  }

  #settle(): void {
    let [oldest] = this.#epochs;
    while (oldest !== undefined && oldest !== this.#current && oldest.running === 0) {
      this.#epochs.shift();
      for (const action of oldest.afterwards) action();
      [oldest] = this.#epochs;
    }
  }
}

function newEpoch(): Epoch {
  return { running: 0, afterwards: [] };
}
