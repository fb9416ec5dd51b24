import { hash } from 'node:crypto';
import { type Circuit, createCircuit, within } from './circuit.ts';
import { storeUnreachable } from './errors.ts';
import { createNearCache, type NearCache } from './near-cache.ts';
import { type ClearMessage, RedisChannel } from './redis-channel.ts';
import { openRedisPort, type RedisClient, type RedisPort } from './redis-client.ts';
import { createRedisEpochs, type EpochReading, type RedisEpochs } from './redis-epochs.ts';
import type { RedisStoreEvent, RedisStoreOptions } from './redis-store-options.ts';

/** Milliseconds that `clear` and `delete` may take: nobody waits for them in a call. */
const TELL_TIMEOUT = 2000;

/** Milliseconds that opening the client may take before it counts as a failure: its library is loaded first. */
const OPEN_TIMEOUT = 2000;

/** The way from a store to Redis, and what this process knows of the others. */
export class RedisLink {
  readonly #circuit: Circuit;
  readonly near: NearCache;
  readonly epochs: RedisEpochs;
  readonly secret: string | undefined;
  readonly maxValueBytes: number;
  readonly emit: (event: RedisStoreEvent) => void;
  readonly #options: RedisStoreOptions;
  readonly #prefix: string;
  readonly #channel: RedisChannel;
  #opened: { readonly client: RedisClient; readonly port: RedisPort } | undefined;
  #askAgain = true;
  #confirming = false;
  #isClosed = false;
  #firstOpening: Promise<boolean> | undefined;

  constructor(options: RedisStoreOptions) {
    const { prefix = 'mcpgen:results:', pause = 500, now = () => performance.now() } = options;
    this.#options = options;
    this.#prefix = prefix;
    this.secret = options.secret;
    this.maxValueBytes = options.maxValueBytes ?? 1024 * 1024;
    this.emit = options.onEvent ?? (() => {});
    this.epochs = createRedisEpochs(`${prefix}epochs`);
    this.#channel = new RedisChannel({
      name: `${prefix}cleared`,
      now,
      onClear: (message) => this.near.hear(message),
      onChange: (isUp) => this.emit({ type: isUp ? 'channel-up' : 'channel-down' }),
    });
    this.near = createNearCache({ ...options, now, channel: this.#channel });
    this.#circuit = createCircuit({
      timeout: options.timeout ?? 50,
      pause,
      longestPause: pause * 10,
      now,
      onDown: (error) => {
        this.#askAgain = true;
        this.emit({ type: 'redis-down', error });
      },
      onUp: () => this.emit({ type: 'redis-up' }),
    });
  }

  /** Keys may be long, and say who called: Redis gets their digest. */
  entryKey(key: string): string {
    return `${this.#prefix}${hash('sha256', key, 'base64url')}`;
  }

  /** Whether Redis answered when it was last asked. */
  get isUp(): boolean {
    return this.#circuit.isUp;
  }

  /** Asks Redis; `undefined` where it is away, or its client is still being opened. Waits for neither longer than `timeout`. */
  async ask<T extends object>(question: () => Promise<T>): Promise<T | undefined> {
    if (this.#opened === undefined && this.isUp && !(await this.#isOpenInTime())) return undefined;
    return this.#circuit.ask(question);
  }

  #isOpenInTime(): Promise<boolean> {
    this.#firstOpening ??= within(OPEN_TIMEOUT, () => this.port()).then(
      () => true,
      async (error: unknown) => {
        await this.#circuit.ask(() => Promise.reject(error));
        return false;
      },
    );
    const { timeout = 50 } = this.#options;
    const opening = this.#firstOpening;
    return within(timeout, () => opening).catch(() => false);
  }

  /** The client, opened where it is not, and asked for again after a failure. */
  async port(): Promise<RedisPort> {
    const { client, near = true } = this.#options;
    if (this.#opened === undefined || this.#askAgain) {
      const found = typeof client === 'function' ? await client() : client;
      if (found !== this.#opened?.client) {
        this.#channel.close();
        this.#opened = { client: found, port: openRedisPort(found) };
      }
      this.#askAgain = false;
    }
    // Calls that were under way when it was closed end without listening again.
    if (near && !this.#isClosed) this.#channel.tend(this.#opened.port);
    return this.#opened.port;
  }

  async readEpochs(tag?: string): Promise<EpochReading> {
    const reading = await this.epochs.read(await this.port(), tag);
    this.near.learn(reading, tag);
    return reading;
  }

  /** Asks whether a message was missed, if nobody does so already. */
  confirm(): void {
    if (this.#confirming) return;
    this.#confirming = true;
    this.ask(() => this.readEpochs()).finally(() => {
      this.#confirming = false;
    });
  }

  /**
   * Does something that other replicas must know, and tells them.
   * @throws RuntimePerfError STORE_UNREACHABLE
   */
  async tell(change: (port: RedisPort) => Promise<ClearMessage>): Promise<void> {
    try {
      await within(TELL_TIMEOUT, async () => {
        const port = await this.port();
        const message = await change(port);
        this.near.hear(message);
        await this.#channel.publish(port, message);
      });
    } catch (error) {
      throw storeUnreachable(error);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#channel.close();
    this.near.clear();
  }
}
