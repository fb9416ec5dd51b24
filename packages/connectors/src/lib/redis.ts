import type { RedisClientType } from '@redis/client';
import type { Connector } from './connector.ts';
import { loadLibrary } from './load-library.ts';
import { readSetting, type Setting } from './read-setting.ts';
import { RedisConnection } from './redis-connection.ts';

export interface RedisOptions {
  /** `redis://user:password@host:6379/0`, or `rediss:` for TLS. */
  readonly url: Setting;
  /** Milliseconds that one `run` may take, waiting for a connection included. Default: 2,000. */
  readonly commandTimeout?: number;
  /** Milliseconds to connect. Default: 2,000. */
  readonly connectTimeout?: number;
  /** `run`s that may be under way at once, those that wait for a connection among them; one more is refused with `QUEUE_FULL`. Default: 1,000. */
  readonly queue?: number;
  /** Milliseconds before connecting again: doubled from the first to the most, up to half less at random. Default: 50 to 2,000. */
  readonly retryDelay?: { readonly first: number; readonly most: number };
  /** Milliseconds without a sign of life after which a connection is given up; it is asked for one in good time. Default: 10,000. */
  readonly deadAfter?: number;
  /** Milliseconds that closing waits for commands under way. Default: 2,000. */
  readonly closeTimeout?: number;
  /** What the server shows the connection as. Default: `mcpgen`. */
  readonly clientName?: string;
  /** From 0 up to 1. Default: `Math.random`. */
  readonly random?: () => number;
  readonly onEvent?: (event: RedisEvent) => void;
}

export type RedisEvent =
  | { readonly type: 'opened' | 'closed' }
  /** The connection broke, or could not be made: it is tried again. */
  | { readonly type: 'broken'; readonly error: unknown }
  | { readonly type: 'command-timed-out' | 'queue-full' };

export interface RedisStats {
  /** Commands can be sent now. */
  readonly isReady: boolean;
  /** `run`s under way. */
  readonly busy: number;
}

/** One connection that all share: Redis answers in order, so that a pool would gain nothing. */
export interface Redis {
  /**
   * Runs commands: `redis.run((client) => client.get('key'), { signal })`. What has not been sent when the time is up or
   * the signal aborts is not sent any more. Commands that block the connection (`BLPOP`) belong to a client of their own.
   *
   * @throws {ConnectorError} COMMAND_TIMEOUT, CONNECTOR_CLOSED; QUEUE_FULL; the signal's reason; what the commands throw.
   */
  run<T>(
    commands: (client: RedisClientType) => Promise<T>,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<T>;
  /** The client itself, for libraries that want one: no deadline applies to what is done with it. */
  readonly client: RedisClientType;
  stats(): RedisStats;
  /** Refuses new commands, waits for those under way, and ends the connection. */
  close(): Promise<void>;
}

export type RedisSettings = Required<Omit<RedisOptions, 'url'>> & { readonly url: string };

/**
 * Makes a connector to Redis or Valkey on `@redis/client`, which is loaded when the connector opens.
 *
 * @throws {ConnectorError} on opening: LIBRARY_MISSING, SETTING_MISSING, SETTING_INVALID, CONNECTION_FAILED.
 */
export function redis({ url, ...options }: RedisOptions): Connector<Redis> {
  return {
    async open({ signal }) {
      const address = readSetting(url, 'Redis', 'url');
      const library = await loadLibrary(() => import('@redis/client'), { library: '@redis/client', service: 'Redis' });
      const connection = new RedisConnection(library, {
        commandTimeout: 2000,
        connectTimeout: 2000,
        queue: 1000,
        retryDelay: { first: 50, most: 2000 },
        deadAfter: 10_000,
        closeTimeout: 2000,
        clientName: 'mcpgen',
        random: Math.random,
        onEvent: () => {},
        ...options,
        url: address,
      });
      await connection.connect(signal);
      return connection;
    },
    close: (connection) => connection.close(),
  };
}
