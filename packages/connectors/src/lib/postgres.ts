import type { ConnectionOptions } from 'node:tls';
import type { PoolStats } from '@mcpgen/server-runtime-perf/pool';
import type { Connector } from './connector.ts';
import { loadLibrary } from './load-library.ts';
import { PostgresClient } from './postgres-client.ts';
import { readSetting, type Setting } from './read-setting.ts';

export interface PostgresOptions {
  /** `postgres://user:password@host:5432/database`. */
  readonly url: Setting;
  /** TLS, where the url says nothing about it. */
  readonly ssl?: boolean | ConnectionOptions;
  /** Connections that are kept once they are open. Default: 0. */
  readonly min?: number;
  /** Default: 10. */
  readonly max?: number;
  /** Milliseconds after which a connection above `min` that nobody used is closed. Default: 30,000. */
  readonly idleTimeout?: number;
  /** Milliseconds to wait for a free connection, and for a new one to open. Default: 5,000. */
  readonly acquireTimeout?: number;
  /** Milliseconds after which a connection is replaced, less up to a tenth at random. Default: 1,800,000. */
  readonly maxLifetime?: number;
  /** Milliseconds without use after which a connection is checked by a query before it is used. Default: 1,000. */
  readonly checkAfterIdle?: number;
  /** Queries and transactions that may wait for a connection; one more is refused with `QUEUE_FULL`. Default: 100. */
  readonly queue?: number;
  /** Milliseconds that a statement may run, and that a transaction may lie idle: the server ends it. Default: 30,000. */
  readonly statementTimeout?: number;
  /** Transactions cannot write unless they ask to. A role without the rights is the stronger guard. Default: false. */
  readonly readOnly?: boolean;
  /** Run-time parameters of the session: `{ search_path: 'shop' }`. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** What the server shows the connections as. Default: `mcpgen`. */
  readonly applicationName?: string;
  /** Milliseconds that closing waits for queries under way. Default: 5,000. */
  readonly closeTimeout?: number;
  /** A monotonic clock in milliseconds. Default: `performance.now`. */
  readonly now?: () => number;
  /** From 0 up to 1. Default: `Math.random`. */
  readonly random?: () => number;
  readonly onEvent?: (event: PostgresEvent) => void;
}

export type PostgresEvent =
  | { readonly type: 'opened' | 'closed' }
  /** A connection broke, idle or in use, or did not pass its check: it is replaced. */
  | { readonly type: 'broken'; readonly error: unknown }
  /** The caller left, and the server was asked to stop its query. */
  | { readonly type: 'cancelled' }
  | { readonly type: 'queue-full' | 'acquire-timed-out' };

export type PostgresStats = PoolStats;

export interface PostgresResult<Row> {
  readonly rows: readonly Row[];
  /** Rows read, inserted, updated or deleted. */
  readonly rowCount: number;
}

/**
 * Runs one statement. Values stand in it as `$1`, `$2` and travel beside it; a text with several statements is refused by
 * the server. When the signal aborts, the caller is free at once and the server is asked to stop.
 *
 * @throws pg's DatabaseError where the server refuses: `code` is its SQLSTATE.
 */
export type PostgresQuery = <Row extends object = Record<string, unknown>>(
  sql: string,
  values?: readonly unknown[],
  options?: { readonly signal?: AbortSignal | undefined },
) => Promise<PostgresResult<Row>>;

export interface TransactionOptions {
  /** Stops its queries, and rolls back. */
  readonly signal?: AbortSignal | undefined;
  /** Default: what the connector says. */
  readonly readOnly?: boolean;
  /** Default: the server's, which is read committed. */
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable';
}

export interface Postgres {
  readonly query: PostgresQuery;
  /** Commits when the function returns, rolls back when it throws. Its queries share one connection. */
  transaction<T>(run: (query: PostgresQuery) => Promise<T>, options?: TransactionOptions): Promise<T>;
  stats(): PostgresStats;
  /** Refuses new queries, waits for those under way, and ends the connections. */
  close(): Promise<void>;
}

export type PostgresSettings = Required<Omit<PostgresOptions, 'ssl' | 'url'>> & { readonly connection: object };

/**
 * Makes a connector to PostgreSQL on the pool of `pg`, which is loaded when the connector opens.
 *
 * @throws {ConnectorError} on opening: LIBRARY_MISSING, SETTING_MISSING, CONNECTION_FAILED.
 */
export function postgres({ url, ssl, ...options }: PostgresOptions): Connector<Postgres> {
  return {
    async open({ signal }) {
      const connectionString = readSetting(url, 'PostgreSQL', 'url');
      const { default: pg } = await loadLibrary(() => import('pg'), { library: 'pg', service: 'PostgreSQL' });
      const client = new PostgresClient(pg, {
        min: 0,
        max: 10,
        idleTimeout: 30_000,
        acquireTimeout: 5000,
        maxLifetime: 1_800_000,
        checkAfterIdle: 1000,
        queue: 100,
        statementTimeout: 30_000,
        readOnly: false,
        parameters: {},
        applicationName: 'mcpgen',
        closeTimeout: 5000,
        now: () => performance.now(),
        random: Math.random,
        onEvent: () => {},
        ...options,
        connection: { connectionString, ...(ssl === undefined ? {} : { ssl }) },
      });
      await client.connect(signal);
      return client;
    },
    close: (client) => client.close(),
  };
}
