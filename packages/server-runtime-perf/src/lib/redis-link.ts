import { type Circuit, createCircuit, within } from './circuit.ts';
import { storeUnreachable } from './errors.ts';
import { createNearCache, type NearCache } from './near-cache.ts';
import { type ClearMessage, createRedisChannel, type RedisChannel } from './redis-channel.ts';
import { openRedisPort, type RedisClient, type RedisPort } from './redis-client.ts';
import { createRedisEpochs, type EpochReading, type RedisEpochs } from './redis-epochs.ts';
import type { RedisStoreEvent, RedisStoreOptions } from './redis-store-options.ts';

/** What a store and Redis share: the way there, and what is known of each other. */
export interface RedisLink {
  readonly circuit: Circuit;
  readonly near: NearCache;
  readonly channel: RedisChannel;
  readonly epochs: RedisEpochs;
  readonly secret: string | undefined;
  readonly maxValueBytes: number;
  readonly emit: (event: RedisStoreEvent) => void;
  entryKey(key: string): string;
  port(): Promise<RedisPort>;
  readEpochs(tag: string | undefined): Promise<EpochReading>;
  /** Asks whether a message was missed, if nobody does so already. */
  confirm(): void;
  /** Does something that other replicas must know, and tells them. */
  tell(change: (port: RedisPort) => Promise<ClearMessage>): Promise<void>;
}

/** Milliseconds that `clear` and `delete` may take: nobody waits for them in a call. */
const TELL_TIMEOUT = 2000;

export function openRedisLink(options: RedisStoreOptions): RedisLink {
  const { client, prefix = 'mcpgen:results:', pause = 500, now = () => performance.now() } = options;
  const emit = options.onEvent ?? (() => {});
  let opened: { readonly client: RedisClient; readonly port: RedisPort } | undefined;
  let askAgain = true;
  let confirming = false;
  const epochs = createRedisEpochs(`${prefix}epochs`);
  const channel = createRedisChannel({
    name: `${prefix}cleared`,
    now,
    onClear: (message) => near.hear(message),
    onChange: (isUp) => emit({ type: isUp ? 'channel-up' : 'channel-down' }),
  });
  const near = createNearCache({ ...options, now, channel });
  const circuit = createCircuit({
    timeout: options.timeout ?? 50,
    pause,
    longestPause: pause * 10,
    now,
    onDown: (error) => {
      askAgain = true;
      emit({ type: 'redis-down', error });
    },
    onUp: () => emit({ type: 'redis-up' }),
  });

  async function port(): Promise<RedisPort> {
    if (opened === undefined || askAgain) {
      const found = typeof client === 'function' ? await client() : client;
      if (found !== opened?.client) {
        channel.close();
        opened = { client: found, port: openRedisPort(found) };
      }
      askAgain = false;
    }
    if (options.near !== false) channel.tend(opened.port);
    return opened.port;
  }

  async function readEpochs(tag?: string): Promise<EpochReading> {
    const reading = await epochs.read(await port(), tag);
    near.learn(reading, tag);
    return reading;
  }

  return {
    circuit,
    near,
    channel,
    epochs,
    secret: options.secret,
    maxValueBytes: options.maxValueBytes ?? 1024 * 1024,
    emit,
    entryKey: (key) => `${prefix}${key}`,
    port,
    readEpochs,
    confirm: () => {
      if (confirming) return;
      confirming = true;
      circuit
        .ask(() => readEpochs())
        .finally(() => {
          confirming = false;
        });
    },
    tell: async (change) => {
      try {
        await within(TELL_TIMEOUT, async () => {
          const ready = await port();
          const message = await change(ready);
          near.hear(message);
          await channel.publish(ready, message);
        });
      } catch (error) {
        throw storeUnreachable(error);
      }
    },
  };
}
