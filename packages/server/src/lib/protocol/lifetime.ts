/** How long a transport serves: what would never end by itself listens for its end. */
export class Lifetime {
  readonly #listeners = new Set<() => void>();
  #ended = false;

  get hasEnded(): boolean {
    return this.#ended;
  }

  /** Calls the listener at the end, or in a moment where that has been; not after the returned function was called. */
  onEnd(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.#ended) queueMicrotask(() => this.#listeners.delete(listener) && listener());
    return () => this.#listeners.delete(listener);
  }

  end(): void {
    this.#ended = true;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener();
  }
}
