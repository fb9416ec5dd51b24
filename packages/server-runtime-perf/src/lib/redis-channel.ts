import { randomUUID } from 'node:crypto';
import type { ChannelSubscription, RedisPort } from './redis-client.ts';

/** What replicas tell each other. */
export type ClearMessage = {
  /** Of the clear: see `RedisEpochs`. */
  readonly count: number;
} & ({ readonly tag?: string } | { readonly key: string });

export interface RedisChannelOptions {
  readonly name: string;
  /** A monotonic clock in milliseconds. */
  readonly now: () => number;
  readonly onClear: (message: ClearMessage) => void;
  readonly onChange: (isUp: boolean) => void;
}

/** Milliseconds between two tries to hear itself. */
const HELLO_INTERVAL = 200;

/**
 * The channel on which replicas tell what they cleared. Whether it works is not asked of the client library: a greeting
 * that comes back proves it, and any sign of an interruption ends the trust.
 */
export class RedisChannel {
  readonly #options: RedisChannelOptions;
  #subscription: ChannelSubscription | undefined;
  #isUp = false;
  #greeting = '';
  #greetAt = Number.NEGATIVE_INFINITY;

  constructor(options: RedisChannelOptions) {
    this.#options = options;
  }

  /** Whether whatever others publish is heard, as far as one can tell. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** Subscribes where that has not been done, and finds out whether messages arrive again after an interruption. */
  tend(port: RedisPort): void {
    if (this.#isUp || this.#options.now() < this.#greetAt) return;
    if (this.#subscription === undefined) this.#subscribe(port);
    else this.#greet(port);
  }

  publish(port: RedisPort, message: ClearMessage): Promise<unknown> {
    return port.send(['PUBLISH', this.#options.name, JSON.stringify(message)]);
  }

  /** Something was missed: it counts as down until a greeting comes back. */
  distrust(): void {
    this.#greeting = '';
    this.#change(false);
  }

  close(): void {
    this.#subscription?.close();
    this.#subscription = undefined;
    this.distrust();
  }

  #subscribe(port: RedisPort): void {
    this.#greetAt = this.#options.now() + HELLO_INTERVAL;
    const own = port.subscribe(this.#options.name, {
      onMessage: (message) => {
        if (this.#subscription === own) this.#hear(message);
      },
      onDown: (final) => {
        if (this.#subscription !== own) return;
        if (final) this.close();
        else this.distrust();
      },
    });
    this.#subscription = own;
    own.ready.then(
      () => this.#subscription === own && this.#greet(port),
      () => this.#subscription === own && this.close(),
    );
  }

  #greet(port: RedisPort): void {
    this.#greetAt = this.#options.now() + HELLO_INTERVAL;
    this.#greeting = randomUUID();
    const message = JSON.stringify({ hello: this.#greeting });
    port.send(['PUBLISH', this.#options.name, message]).catch(() => {}); // no answer says the same
  }

  #hear(text: string): void {
    const message = parseMessage(text);
    if (message === undefined) return;
    if (!('hello' in message)) this.#options.onClear(message);
    else if (message.hello === this.#greeting) this.#change(true);
  }

  #change(isUp: boolean): void {
    if (this.#isUp === isUp) return;
    this.#isUp = isUp;
    this.#options.onChange(isUp);
  }
}

/** What is no message of ours is not for us. */
function parseMessage(text: string): ClearMessage | { readonly hello: string } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    if ('hello' in value && typeof value.hello === 'string') return { hello: value.hello };
    if (!('count' in value) || typeof value.count !== 'number') return undefined;
    if ('key' in value && typeof value.key === 'string') return { count: value.count, key: value.key };
    const tag = 'tag' in value && typeof value.tag === 'string' ? { tag: value.tag } : {};
    return { count: value.count, ...tag };
  } catch {
    return undefined;
  }
}
