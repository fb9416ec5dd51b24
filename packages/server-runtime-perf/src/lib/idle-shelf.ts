import type { Lease, PoolSettings } from './create-pool.ts';

/** A resource of a pool. */
export interface Pooled<T> {
  readonly resource: T;
  /** When its lifetime is over. */
  readonly endsAt: number;
  /** When it was last opened, given back or found to be sound. */
  idleSince: number;
  /** How many had broken by then: what has hit others since may have hit it too. */
  soundAt: number;
  /** Its last user failed. */
  isSuspect: boolean;
  /** It told that it is broken. */
  lost?: Broken;
}

export interface Broken {
  readonly error: unknown;
}

export function makeLease<T>(resource: T, giveBack: (broken?: Broken) => void): Lease<T> {
  let isOut = true;
  const end = (broken?: Broken) => {
    if (!isOut) return;
    isOut = false;
    giveBack(broken);
  };
  return {
    resource,
    release: () => end(),
    discard: (error) => end({ error }),
    [Symbol.dispose]: () => end(),
  };
}

/** What is idle in a pool. The one used last goes first, so that what is not needed stays idle and ends. */
export class IdleShelf<T> {
  readonly #settings: PoolSettings<T>;
  #entries: Pooled<T>[] = [];
  #breaks = 0;

  constructor(settings: PoolSettings<T>) {
    this.#settings = settings;
  }

  get size(): number {
    return this.#entries.length;
  }

  make(resource: T): Pooled<T> {
    const { maxLifetime, now, random } = this.#settings;
    const present = now();
    const endsAt = present + maxLifetime * (1 - 0.1 * random());
    return { resource, endsAt, idleSince: present, soundAt: this.#breaks, isSuspect: false };
  }

  put(entry: Pooled<T>): void {
    entry.idleSince = this.#settings.now();
    if (!entry.isSuspect) entry.soundAt = this.#breaks;
    this.#entries.push(entry);
  }

  take(): Pooled<T> | undefined {
    return this.#entries.pop();
  }

  /** The next one, where it can be handed out as it is. */
  takeReady(): Pooled<T> | undefined {
    const last = this.#entries.at(-1);
    return last === undefined || this.isOld(last) || this.needsCheck(last) ? undefined : this.#entries.pop();
  }

  /** @returns whether it was idle. */
  remove(entry: Pooled<T>): boolean {
    const index = this.#entries.indexOf(entry);
    if (index >= 0) this.#entries.splice(index, 1);
    return index >= 0;
  }

  takeAll(): Pooled<T>[] {
    return this.#entries.splice(0);
  }

  /** Takes what has been idle for too long, `spare` at most, and what has lived for too long. */
  takeUnused(spare: number): { readonly entry: Pooled<T>; readonly reason: 'idle' | 'lifetime' }[] {
    const { idleTimeout, now } = this.#settings;
    const present = now();
    const taken: { readonly entry: Pooled<T>; readonly reason: 'idle' | 'lifetime' }[] = [];
    this.#entries = this.#entries.filter((entry) => {
      const isUnused = present - entry.idleSince >= idleTimeout && taken.length < spare;
      if (!isUnused && !this.isOld(entry)) return true;
      taken.push({ entry, reason: this.isOld(entry) ? 'lifetime' : 'idle' });
      return false;
    });
    return taken;
  }

  /** When `takeUnused` will next have something to take: `Infinity` for never. */
  nextUnused(mayShrink: boolean): number {
    const { idleTimeout } = this.#settings;
    const due = this.#entries.map(({ endsAt, idleSince }) =>
      mayShrink ? Math.min(endsAt, idleSince + idleTimeout) : endsAt,
    );
    return Math.min(...due);
  }

  isOld(entry: Pooled<T>): boolean {
    return this.#settings.now() >= entry.endsAt;
  }

  needsCheck({ idleSince, isSuspect, soundAt }: Pooled<T>): boolean {
    const { check, checkAfterIdle, now } = this.#settings;
    if (check === undefined) return false;
    return isSuspect || soundAt !== this.#breaks || now() - idleSince >= checkAfterIdle;
  }

  noteSound(entry: Pooled<T>): void {
    entry.soundAt = this.#breaks;
    entry.isSuspect = false;
  }

  noteBreak(): void {
    this.#breaks += 1;
  }
}
