import { withLimit } from '@mcpgen/server-runtime-perf';
import type pg from 'pg';
import { abandonOnAbort } from './abandon-on-abort.ts';
import { cancelQuery } from './cancel-query.ts';
import { checkDurations } from './check-durations.ts';
import { acquireTimedOut, connectionFailed, connectorClosed, transactionAborted } from './errors.ts';
import { followSignals } from './follow-signals.ts';
import { isQueueFull } from './is-queue-full.ts';
import type {
  Postgres,
  PostgresQuery,
  PostgresResult,
  PostgresSettings,
  PostgresStats,
  TransactionOptions,
} from './postgres.ts';
import { asClient, PostgresPool } from './postgres-pool.ts';

type Work<T> = (client: pg.PoolClient) => Promise<T>;
type Limited = (work: Work<unknown>, context: { readonly signal: AbortSignal; readonly seat: Seat }) => unknown;

/** One piece of work on its way to a connection. */
interface Seat {
  /** Ends the time to wait for a connection. */
  readonly seated: () => void;
}

/** Milliseconds that a stopped query has to end before its connection is given up. */
const cancelTimeout = 1000;

/** A bounded queue in front of the pool: no more work enters than there may be connections, so pg's own stays empty. */
export class PostgresClient implements Postgres {
  readonly #library: typeof pg;
  readonly #settings: PostgresSettings;
  readonly #pool: PostgresPool;
  readonly #limited: Limited;
  readonly #life = new AbortController();
  #asked = 0;
  #closed: Promise<void> | undefined;

  constructor(library: typeof pg, settings: PostgresSettings) {
    const { acquireTimeout, closeTimeout, max: concurrency, queue, statementTimeout } = settings;
    checkDurations('PostgreSQL', { acquireTimeout, closeTimeout, statementTimeout });
    this.#library = library;
    this.#settings = settings;
    this.#pool = new PostgresPool(library, settings);
    this.#limited = withLimit((work: Work<unknown>, { signal, seat }) => this.#run(work, signal, seat), {
      concurrency,
      queue,
    });
  }

  /** @throws {ConnectorError} CONNECTION_FAILED. */
  async connect(signal: AbortSignal): Promise<void> {
    try {
      await this.#withClient(async () => {}, signal);
    } catch (error) {
      void this.close();
      throw error;
    }
  }

  readonly query: PostgresQuery = (sql, values = [], { signal } = {}) => {
    return abandonOnAbort(
      this.#withClient((client) => this.#runQuery(client, { sql, values, signal }), signal),
      signal,
    );
  };

  transaction<T>(run: (query: PostgresQuery) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    const { signal } = options;
    const work = this.#withClient(async (client) => {
      const query: PostgresQuery = (sql, values = [], own = {}) =>
        this.#runQuery(client, { sql, values, signal: own.signal ?? signal });
      await client.query(beginStatement(options));
      try {
        const result = await run(query);
        signal?.throwIfAborted();
        const { command } = await client.query('commit');
        if (command === 'ROLLBACK') throw transactionAborted(); // that is how the server answers when a statement failed
        return result;
      } catch (error) {
        await client.query('rollback').catch((cause: unknown) => this.#pool.noteBroken(client, cause));
        throw error;
      }
    }, signal);
    return abandonOnAbort(work, signal);
  }

  stats(): PostgresStats {
    const { size, idle, busy } = this.#pool;
    return { size, idle, busy, opening: Math.max(0, size - idle - busy), waiting: Math.max(0, this.#asked - busy) };
  }

  close(): Promise<void> {
    this.#life.abort(connectorClosed('PostgreSQL'));
    this.#closed ??= this.#pool.end(this.#settings.closeTimeout);
    return this.#closed;
  }

  /** The work goes on where its caller leaves: whoever started it must stop it. */
  async #withClient<T>(work: Work<T>, signal: AbortSignal | undefined): Promise<T> {
    this.#life.signal.throwIfAborted();
    signal?.throwIfAborted();
    const { acquireTimeout, onEvent } = this.#settings;
    const turn = new AbortController();
    const onLate = () => {
      onEvent({ type: 'acquire-timed-out' });
      turn.abort(acquireTimedOut(acquireTimeout));
    };
    const timer = setTimeout(onLate, acquireTimeout);
    const seated = followSignals([this.#life.signal, signal], turn);
    this.#asked += 1;
    try {
      const seat = {
        seated: () => {
          clearTimeout(timer);
          seated();
        },
      };
      return (await this.#limited(work, { signal: turn.signal, seat })) as T;
    } catch (error) {
      if (isQueueFull(error)) onEvent({ type: 'queue-full' });
      throw error;
    } finally {
      this.#asked -= 1;
      clearTimeout(timer);
      seated();
    }
  }

  async #run(work: Work<unknown>, signal: AbortSignal, { seated }: Seat): Promise<unknown> {
    const client = await this.#pool.borrow(signal).catch((error: unknown) => {
      throw signal.aborted ? signal.reason : connectionFailed('PostgreSQL', error);
    });
    seated();
    let failure: unknown;
    try {
      return await work(client);
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      this.#pool.giveBack(client, failure);
    }
  }

  async #runQuery<Row extends object>(
    client: pg.PoolClient,
    {
      sql,
      values,
      signal,
    }: { readonly sql: string; readonly values: readonly unknown[]; readonly signal: AbortSignal | undefined },
  ): Promise<PostgresResult<Row>> {
    signal?.throwIfAborted();
    let stopping: Stopping | undefined;
    const onAbort = () => {
      stopping = this.#stop(client);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const { rows, rowCount } = await client.query<Row>(oneStatement(sql, values));
      return { rows, rowCount: rowCount ?? 0 };
    } finally {
      signal?.removeEventListener('abort', onAbort);
      clearTimeout(stopping?.timer);
      await stopping?.asked; // a late request must not stop what comes next
    }
  }

  #stop(client: pg.PoolClient): Stopping {
    this.#pool.noteSuspect(client);
    this.#settings.onEvent({ type: 'cancelled' });
    const timer = setTimeout(() => void asClient(client).end(), cancelTimeout);
    timer.unref();
    return { timer, asked: cancelQuery(asClient(client), this.#library.Connection, cancelTimeout) };
  }
}

interface Stopping {
  /** Gives the connection up. */
  readonly timer: NodeJS.Timeout;
  /** Settles when the request has been taken or has failed. */
  readonly asked: Promise<void>;
}

const isolations: ReadonlySet<string> = new Set(['read committed', 'repeatable read', 'serializable']);

function beginStatement({ isolation, readOnly }: TransactionOptions): string {
  if (isolation !== undefined && !isolations.has(isolation)) {
    throw new RangeError(`Cannot begin a transaction: "isolation" is ${isolation}`);
  }
  const modes = [
    ...(isolation === undefined ? [] : [`isolation level ${isolation}`]),
    ...(readOnly === undefined ? [] : [readOnly ? 'read only' : 'read write']),
  ];
  return ['begin', modes.join(', ')].join(' ').trim();
}

/** The extended protocol takes one statement alone, also where there are no values. It is not in the types. */
function oneStatement(text: string, values: readonly unknown[]): pg.QueryConfig & { readonly queryMode: 'extended' } {
  return { text, values: [...values], queryMode: 'extended' };
}
