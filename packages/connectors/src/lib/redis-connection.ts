import { withLimit } from '@mcpgen/server-runtime-perf';
import type * as library from '@redis/client';
import type { RedisClientType } from '@redis/client';
import { abandonOnAbort } from './abandon-on-abort.ts';
import { checkDurations } from './check-durations.ts';
import { commandTimedOut, connectionFailed, connectorClosed, settingInvalid } from './errors.ts';
import { isQueueFull } from './is-queue-full.ts';
import type { Redis, RedisSettings, RedisStats } from './redis.ts';

type Commands<T> = (client: RedisClientType) => Promise<T>;

export class RedisConnection implements Redis {
  readonly client: RedisClientType;
  readonly #settings: RedisSettings;
  readonly #limited: (commands: Commands<unknown>, context: { readonly signal: AbortSignal }) => unknown;
  #wasReady = false;
  #busy = 0;
  #closed: Promise<void> | undefined;
  #onQuiet = () => {};

  constructor({ createClient }: typeof library, settings: RedisSettings) {
    const { closeTimeout, commandTimeout, connectTimeout, deadAfter } = settings;
    checkDurations('Redis', { closeTimeout, commandTimeout, connectTimeout, deadAfter });
    this.#settings = settings;
    this.client = makeClient(createClient, settings, (retries) => this.#reconnectIn(retries));
    // Without a listener an error of the connection would end the process.
    this.client.on('error', (error) => settings.onEvent({ type: 'broken', error }));
    this.client.on('ready', () => {
      this.#wasReady = true;
      settings.onEvent({ type: 'opened' });
    });
    this.client.on('end', () => settings.onEvent({ type: 'closed' }));
    this.#limited = withLimit(
      (commands: Commands<unknown>, { signal }: { readonly signal: AbortSignal }) => this.#send(commands, signal),
      { concurrency: settings.queue, queue: 0 },
    );
  }

  /** @throws {ConnectorError} CONNECTION_FAILED, at the first attempt that fails. */
  async connect(signal: AbortSignal): Promise<void> {
    try {
      await abandonOnAbort(this.client.connect(), signal);
    } catch (error) {
      if (this.client.isOpen) this.client.destroy();
      throw signal.aborted ? signal.reason : connectionFailed('Redis', error);
    }
  }

  async run<T>(commands: Commands<T>, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<T> {
    if (this.#closed !== undefined) throw connectorClosed('Redis');
    signal?.throwIfAborted();
    const { commandTimeout, onEvent } = this.#settings;
    const stop = new AbortController();
    const onLate = () => {
      onEvent({ type: 'command-timed-out' });
      stop.abort(commandTimedOut(commandTimeout));
    };
    const onAbort = () => stop.abort(signal?.reason);
    const timer = setTimeout(onLate, commandTimeout);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#busy += 1;
    try {
      return (await this.#limited(commands, { signal: stop.signal })) as T;
    } catch (error) {
      if (isQueueFull(error)) onEvent({ type: 'queue-full' });
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      this.#busy -= 1;
      this.#onQuiet();
    }
  }

  stats(): RedisStats {
    return { isReady: this.client.isReady, busy: this.#busy };
  }

  close(): Promise<void> {
    this.#closed ??= this.#shutDown();
    return this.#closed;
  }

  /** The client knows of the signal, and forgets what it has not sent yet; the caller does not wait for the rest. */
  async #send(commands: Commands<unknown>, signal: AbortSignal): Promise<unknown> {
    const answer = commands(this.client.withAbortSignal(signal));
    try {
      return await abandonOnAbort(answer, signal);
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    }
  }

  /** The first connection fails at once, for whoever opens the connector; later ones are made again for as long as it takes. */
  #reconnectIn(retries: number): number | false {
    const { random, retryDelay } = this.#settings;
    if (!this.#wasReady) return false;
    return Math.min(retryDelay.most, retryDelay.first * 2 ** retries) * (1 - random() / 2);
  }

  async #shutDown(): Promise<void> {
    const { promise: quiet, resolve } = Promise.withResolvers<void>();
    this.#onQuiet = () => {
      if (this.#busy === 0) resolve();
    };
    this.#onQuiet();
    const timer = setTimeout(resolve, this.#settings.closeTimeout);
    timer.unref();
    await quiet;
    clearTimeout(timer);
    if (this.client.isOpen) this.client.destroy();
  }
}

function makeClient(
  createClient: typeof library.createClient,
  { clientName, connectTimeout, deadAfter, queue, url }: RedisSettings,
  reconnectStrategy: (retries: number) => number | false,
): RedisClientType {
  try {
    return createClient({
      url,
      name: clientName,
      socket: { connectTimeout, socketTimeout: deadAfter, reconnectStrategy },
      pingInterval: Math.ceil(deadAfter / 3),
      commandsQueueMaxLength: queue * 10, // the limit is ours: a run may send several commands
      disableClientInfo: true,
      maintNotifications: 'disabled',
    });
  } catch {
    throw settingInvalid('Redis', 'url', 'is no address of a Redis'); // its error holds the whole url
  }
}
