import { type Backoff, createBackoff } from './backoff.ts';
import type { Lease, Pool, PoolSettings, PoolStats } from './create-pool.ts';
import { checkTimedOut, openTimedOut, poolOpenFailed, queueFull, resourcePoolClosed } from './errors.ts';
import { type Broken, IdleShelf, makeLease, type Pooled } from './idle-shelf.ts';
import { createPoolWaiters, type PoolWaiter, type PoolWaiters } from './pool-waiters.ts';
import { type ClosedReason, createResourceCloser, type ResourceCloser } from './resource-closer.ts';
import { createWakeUp, type WakeUp } from './wake-up.ts';
import { withinTime } from './within-time.ts';

interface BorrowOptions {
  readonly signal?: AbortSignal | undefined;
}

/** A resource is idle, busy (borrowed or being checked for a caller), or gone. */
export class ResourcePool<T> implements Pool<T> {
  readonly #settings: PoolSettings<T>;
  readonly #waiters: PoolWaiters<Pooled<T>>;
  readonly #idle: IdleShelf<T>;
  readonly #busy = new Set<Pooled<T>>();
  #opening = 0;
  readonly #closer: ResourceCloser<T>;
  readonly #backoff: Backoff;
  readonly #sweep: WakeUp;
  readonly #retry: WakeUp;
  readonly #life = new AbortController();
  #isUsed = false;
  #closed: Promise<void> | undefined;
  #onQuiet = () => {};

  constructor(settings: PoolSettings<T>) {
    const { acquireTimeout: timeout, delay, now, random, retryDelay, onEvent } = settings;
    this.#settings = settings;
    this.#waiters = createPoolWaiters({ timeout, delay, onTimeout: () => onEvent({ type: 'acquire-timed-out' }) });
    this.#idle = new IdleShelf(settings);
    this.#closer = createResourceCloser(settings, () => this.#noteQuiet());
    this.#backoff = createBackoff({ ...retryDelay, now, random });
    this.#sweep = createWakeUp(() => this.#endUnused(), { now, delay });
    this.#retry = createWakeUp(() => this.#openMore(), { now, delay });
  }

  async acquire({ signal }: BorrowOptions = {}): Promise<Lease<T>> {
    const entry = await this.#borrow(signal);
    return makeLease(entry.resource, (broken) => this.#takeBack(entry, broken));
  }

  async use<R>(run: (resource: T) => R | Promise<R>, { signal }: BorrowOptions = {}): Promise<Awaited<R>> {
    const entry = await this.#borrow(signal);
    let broken: Broken | undefined;
    try {
      return await run(entry.resource);
    } catch (error) {
      if (this.#settings.check === undefined) broken = { error };
      else entry.isSuspect = true;
      throw error;
    } finally {
      this.#takeBack(entry, broken);
    }
  }

  stats(): PoolStats {
    const [idle, busy, opening] = [this.#idle.size, this.#busy.size, this.#opening];
    return { size: idle + busy + opening, idle, busy, opening, waiting: this.#waiters.size };
  }

  close({ timeout = 5000 }: { readonly timeout?: number } = {}): Promise<void> {
    this.#closed ??= this.#shutDown(timeout);
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #borrow(signal: AbortSignal | undefined): Promise<Pooled<T>> {
    if (this.#closed !== undefined) throw resourcePoolClosed();
    signal?.throwIfAborted();
    this.#isUsed = true;
    const ready = this.#waiters.size === 0 ? this.#idle.takeReady() : undefined;
    if (ready !== undefined) {
      this.#busy.add(ready);
      return ready;
    }
    this.#refuseHopeless();
    const granted = this.#waiters.wait(signal);
    this.#serve();
    return granted;
  }

  /** A caller must not wait where nothing can come, or where too many wait already. */
  #refuseHopeless(): void {
    const { max, queue, onEvent } = this.#settings;
    const { size, idle, opening } = this.stats();
    const retryIn = this.#backoff.remaining();
    if (size === 0 && retryIn > 0) throw poolOpenFailed(this.#backoff.error, retryIn);
    const coming = idle + opening + (max - size);
    if (this.#waiters.unserved - coming < queue) return;
    onEvent({ type: 'queue-full' });
    throw queueFull({ concurrency: max, queue });
  }

  /** Gives what is idle to those who wait, and opens more where they are more. */
  #serve(): void {
    for (let waiter = this.#waiters.first(); waiter !== undefined; waiter = this.#waiters.first()) {
      const entry = this.#idle.take();
      if (entry === undefined) break;
      if (this.#idle.isOld(entry)) this.#end(entry, 'lifetime');
      else if (this.#idle.needsCheck(entry)) void this.#checkFor(waiter, entry);
      else {
        this.#busy.add(entry);
        waiter.grant(entry);
      }
    }
    this.#openMore();
    this.#sweep.setAt(this.#idle.nextUnused(this.stats().size > this.#settings.min));
  }

  async #checkFor(waiter: PoolWaiter<Pooled<T>>, entry: Pooled<T>): Promise<void> {
    const { check, checkTimeout: timeout, delay } = this.#settings;
    const options = { timeout, timedOut: checkTimedOut, delay, signal: this.#life.signal };
    this.#waiters.beginServing(waiter);
    this.#busy.add(entry);
    const broken = await withinTime(async (signal) => check?.(entry.resource, { signal }), options).then(
      (answer): Broken | undefined => (answer === false ? { error: undefined } : undefined),
      (error: unknown): Broken => ({ error }),
    );
    this.#waiters.endServing(waiter);
    if (broken === undefined) this.#idle.noteSound(entry);
    if (broken !== undefined || entry.lost !== undefined || waiter.isSettled()) this.#takeBack(entry, broken);
    else waiter.grant(entry);
  }

  #openMore(): void {
    const { min, max } = this.#settings;
    if (!this.#isUsed || this.#closed !== undefined) return;
    const { size, idle, busy, opening } = this.stats();
    const wanted = Math.min(Math.max(this.#waiters.unserved, min - idle - busy) - opening, max - size);
    if (wanted <= 0) return;
    const retryIn = this.#backoff.remaining();
    if (retryIn > 0) this.#retry.setFor(retryIn);
    else {
      const most = this.#backoff.isFailing ? 1 - opening : wanted; // one alone finds out whether it works again
      for (let count = Math.min(wanted, most); count > 0; count--) void this.#open();
    }
  }

  async #open(): Promise<void> {
    const { open, openTimeout: timeout, delay, now, onEvent } = this.#settings;
    const began = now();
    let entry: Pooled<T> | undefined;
    let lost: Broken | undefined;
    const onLost = (error?: unknown) => {
      lost ??= { error };
      if (entry !== undefined) this.#lose(entry, lost);
    };
    const onLate = (late: T) => this.#closer.end(late, 'broken');
    const options = { timeout, timedOut: openTimedOut, delay, signal: this.#life.signal, onLate };
    this.#opening += 1;
    try {
      entry = this.#idle.make(await withinTime((signal) => open({ signal, lost: onLost }), options));
    } catch (error) {
      this.#opening -= 1;
      this.#onOpenFailed(error);
      return;
    }
    this.#opening -= 1;
    this.#backoff.succeed();
    onEvent({ type: 'opened', milliseconds: now() - began });
    this.#idle.put(entry);
    if (lost === undefined) this.#serve();
    else this.#lose(entry, lost);
  }

  /** The failure is told to the one who has waited longest, and to all where nothing is left that could serve them. */
  #onOpenFailed(error: unknown): void {
    this.#noteQuiet();
    if (this.#closed !== undefined) return;
    this.#backoff.fail(error);
    const retryIn = this.#backoff.remaining();
    this.#settings.onEvent({ type: 'open-failed', error, retryIn });
    const refusal = poolOpenFailed(error, retryIn);
    if (this.stats().size === 0) this.#waiters.refuseAll(refusal);
    else this.#waiters.first()?.refuse(refusal);
    this.#openMore();
  }

  #takeBack(entry: Pooled<T>, broken: Broken | undefined): void {
    if (!this.#busy.delete(entry)) return; // given back before, or taken away when the pool closed
    const reason = broken ?? entry.lost;
    if (this.#closed !== undefined) this.#end(entry, 'shutdown');
    else if (reason !== undefined) this.#break(entry, reason);
    else if (this.#idle.isOld(entry)) this.#end(entry, 'lifetime');
    else this.#idle.put(entry);
    this.#serve();
  }

  /** A resource told by itself that it is broken. */
  #lose(entry: Pooled<T>, lost: Broken): void {
    entry.lost = lost;
    if (!this.#idle.remove(entry)) return;
    this.#break(entry, lost);
    this.#serve();
  }

  #break(entry: Pooled<T>, { error }: Broken): void {
    this.#idle.noteBreak();
    this.#settings.onEvent({ type: 'broken', error });
    this.#end(entry, 'broken');
  }

  #end({ resource }: Pooled<T>, reason: ClosedReason): void {
    this.#closer.end(resource, reason);
  }

  #endUnused(): void {
    const spare = this.stats().size - this.#settings.min;
    for (const { entry, reason } of this.#idle.takeUnused(spare)) this.#end(entry, reason);
    this.#serve();
  }

  async #shutDown(timeout: number): Promise<void> {
    this.#waiters.refuseAll(resourcePoolClosed());
    this.#life.abort(resourcePoolClosed());
    this.#sweep.cancel();
    this.#retry.cancel();
    for (const entry of this.#idle.takeAll()) this.#end(entry, 'shutdown');
    const quiet = new Promise<void>((resolve) => {
      this.#onQuiet = resolve;
    });
    this.#noteQuiet();
    const stop = new AbortController();
    await Promise.race([quiet, this.#settings.delay(timeout, stop.signal).catch(() => {})]);
    stop.abort();
    for (const entry of this.#busy) this.#end(entry, 'shutdown');
    this.#busy.clear();
  }

  #noteQuiet(): void {
    if (this.#busy.size === 0 && this.#closer.ending === 0 && this.#opening === 0) this.#onQuiet();
  }
}
