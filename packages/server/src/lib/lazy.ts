/** A value that is made on first use, once however many wait for it, and tried again after a failure. */
export interface Lazy<T> {
  get(): Promise<T>;
  /** The value, if it is there already. */
  peek(): T | undefined;
}

export function lazy<T>(load: () => Promise<T>): Lazy<T> {
  let value: T | undefined;
  let pending: Promise<T> | undefined;
  const run = async (): Promise<T> => {
    try {
      value = await load();
      return value;
    } finally {
      if (value === undefined) pending = undefined;
    }
  };
  return {
    get: () => {
      pending ??= run();
      return pending;
    },
    peek: () => value,
  };
}
