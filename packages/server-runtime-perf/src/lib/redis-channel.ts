import { randomUUID } from 'node:crypto';
import type { ChannelSubscription, RedisPort } from './redis-client.ts';

/** What replicas tell each other. */
export type ClearMessage = {
  /** Of the clear: see `RedisEpochs`. */
  readonly count: number;
} & ({ readonly tag?: string } | { readonly key: string });

export interface RedisChannel {
  /** Whether whatever others publish is heard, as far as one can tell. */
  readonly isUp: boolean;
  /** Subscribes where that has not been done, and finds out whether messages arrive again after an interruption. */
  tend(port: RedisPort): void;
  publish(port: RedisPort, message: ClearMessage): Promise<unknown>;
  /** Something was missed: it counts as down until a message of its own comes back. */
  distrust(): void;
  close(): void;
}

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
export function createRedisChannel({ name, now, onClear, onChange }: RedisChannelOptions): RedisChannel {
  let subscription: ChannelSubscription | undefined;
  let isUp = false;
  let greeting = '';
  let greetAt = Number.NEGATIVE_INFINITY;

  function change(next: boolean): void {
    if (isUp === next) return;
    isUp = next;
    onChange(next);
  }

  function distrust(): void {
    greeting = '';
    change(false);
  }

  function close(): void {
    subscription?.close();
    subscription = undefined;
    distrust();
  }

  function subscribe(port: RedisPort): void {
    const own = port.subscribe(name, {
      onMessage: (message) => {
        if (subscription === own) hear(message);
      },
      onDown: (final) => {
        if (subscription !== own) return;
        if (final) close();
        else distrust();
      },
    });
    subscription = own;
    own.ready.then(
      () => subscription === own && greet(port),
      () => subscription === own && close(),
    );
  }

  function greet(port: RedisPort): void {
    greetAt = now() + HELLO_INTERVAL;
    greeting = randomUUID();
    port.send(['PUBLISH', name, JSON.stringify({ hello: greeting })]).catch(() => {}); // no answer says the same
  }

  function hear(text: string): void {
    const message = parseMessage(text);
    if (message === undefined) return;
    if ('hello' in message) {
      if (message.hello === greeting) change(true);
    } else {
      onClear(message);
    }
  }

  return {
    get isUp() {
      return isUp;
    },
    tend: (port) => {
      if (isUp || now() < greetAt) return;
      if (subscription === undefined) {
        greetAt = now() + HELLO_INTERVAL;
        subscribe(port);
      } else {
        greet(port);
      }
    },
    publish: (port, message) => port.send(['PUBLISH', name, JSON.stringify(message)]),
    distrust,
    close,
  };
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
