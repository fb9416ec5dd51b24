/** A value made on first use. */
export interface Lazy<T> {
  /** The value; loads it if need be. Concurrent first calls share one load. */
  get(): Promise<T>;
  /** The value if it is there, at once: the path without a promise for callers in a hurry. */
  peek(): T | undefined;
}

/** Loads once, on first use. A failed load reaches all who wait for it, and the next `get` tries again. */
export function lazy<T>(load: () => T | Promise<T>): Lazy<T> {
  let value: T | undefined;
  let pending: Promise<T> | undefined;

  async function start(): Promise<T> {
    try {
      value = await load();
      return value;
    } catch (error) {
      pending = undefined;
      throw error;
    }
  }

  return {
    get: () => {
      pending ??= start();
      return pending;
    },
    peek: () => value,
  };
}
