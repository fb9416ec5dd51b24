import type pg from 'pg';
import { abandonOnAbort } from './abandon-on-abort.ts';
import type { PostgresEvent, PostgresSettings } from './postgres.ts';

type Pg = typeof pg;

/** What is known of a connection besides what pg knows. */
interface Health {
  readonly endsAt: number;
  usedAt: number;
  /** How many had broken when it was last found to be sound. */
  soundAt: number;
  /** A cancel request was sent to it, which may arrive late: the next query must be one that may be lost. */
  isSuspect: boolean;
  broken?: { readonly error: unknown };
}

const checkTimeout = 1000; // ms
/** Milliseconds that the server has to say that a statement timed out, before its connection counts as broken. */
const answerTimeout = 2000;

/** pg's own pool, with what it lacks: a check after idling, spread lifetimes, and errors that reach nobody. */
export class PostgresPool {
  readonly #pool: pg.Pool;
  readonly #settings: PostgresSettings;
  readonly #health = new WeakMap<pg.PoolClient, Health>();
  readonly #borrowed = new Set<pg.PoolClient>();
  #breaks = 0;

  constructor(library: Pg, settings: PostgresSettings) {
    this.#settings = settings;
    this.#pool = new library.Pool(poolConfig(settings));
    this.#pool.on('error', () => {}); // each connection reports its own: see below
    this.#pool.on('connect', (client) => this.#watch(client));
    this.#pool.on('remove', () => settings.onEvent({ type: 'closed' }));
  }

  get size(): number {
    return this.#pool.totalCount;
  }

  get idle(): number {
    return this.#pool.idleCount;
  }

  get busy(): number {
    return this.#borrowed.size;
  }

  /** A connection that works. Whoever gets it must give it back. */
  async borrow(signal: AbortSignal): Promise<pg.PoolClient> {
    for (;;) {
      const client = await abandonOnAbort(this.#pool.connect(), signal, (late) => late.release());
      this.#borrowed.add(client);
      const health = this.#health.get(client);
      if (health === undefined || !this.#needsCheck(health)) return client;
      try {
        await client.query(checkQuery);
        health.soundAt = this.#breaks;
        health.isSuspect = false;
        if (!signal.aborted) return client;
      } catch (error) {
        this.#noteBroken(health, error);
      }
      this.giveBack(client);
      signal.throwIfAborted();
    }
  }

  /** @param error what its last query failed with. */
  giveBack(client: pg.PoolClient, error?: unknown): void {
    this.#borrowed.delete(client);
    const health = this.#health.get(client);
    if (health === undefined) {
      client.release(true);
      return;
    }
    if (error !== undefined && isConnectionError(error)) this.#noteBroken(health, error);
    health.usedAt = this.#settings.now();
    if (error === undefined && health.broken === undefined && !health.isSuspect) health.soundAt = this.#breaks;
    client.release(health.broken !== undefined || health.usedAt >= health.endsAt || hasOpenTransaction(client));
  }

  /** The connection is not given to anybody after this. */
  noteBroken(client: pg.PoolClient, error: unknown): void {
    const health = this.#health.get(client);
    if (health !== undefined) this.#noteBroken(health, error);
  }

  noteSuspect(client: pg.PoolClient): void {
    const health = this.#health.get(client);
    if (health !== undefined) health.isSuspect = true;
  }

  /** Waits for what is borrowed, so long, and then ends that too. */
  async end(timeout: number): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      for (const client of this.#borrowed) void asClient(client).end();
      resolve();
    }, timeout);
    timer.unref();
    await Promise.race([this.#pool.end(), late]);
    clearTimeout(timer);
  }

  /** pg reports the errors of idle connections alone: an error in between queries would end the process. */
  #watch(client: pg.PoolClient): void {
    const { maxLifetime, now, onEvent, random } = this.#settings;
    const usedAt = now();
    const endsAt = usedAt + maxLifetime * (1 - 0.1 * random());
    const health: Health = { endsAt, usedAt, soundAt: this.#breaks, isSuspect: false };
    this.#health.set(client, health);
    client.on('error', (error) => this.#noteBroken(health, error));
    onEvent({ type: 'opened' });
  }

  #needsCheck({ usedAt, soundAt, isSuspect, broken }: Health): boolean {
    const { checkAfterIdle, now } = this.#settings;
    return isSuspect || broken !== undefined || soundAt !== this.#breaks || now() - usedAt >= checkAfterIdle;
  }

  #noteBroken(health: Health, error: unknown): void {
    if (health.broken !== undefined) return;
    health.broken = { error };
    this.#breaks += 1;
    this.#settings.onEvent(brokenEvent(error));
  }
}

/** What pool and client share, `end` of the client left out of the types. */
export function asClient(client: pg.PoolClient): pg.Client {
  return client as unknown as pg.Client;
}

/** A `begin` that went by `query` must not reach the next caller. */
function hasOpenTransaction(client: pg.PoolClient): boolean {
  const status = client.getTransactionStatus();
  return status === 'T' || status === 'E';
}

function brokenEvent(error: unknown): PostgresEvent {
  return { type: 'broken', error };
}

/** `query_timeout` is for one query, and not in the types. */
const checkQuery: pg.QueryConfig & { readonly query_timeout: number } = {
  text: 'select 1',
  query_timeout: checkTimeout,
};

/** The server ended the connection, or it is no longer there: what the server says of a statement has another SQLSTATE. */
function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const isAnswer = 'severity' in error && 'code' in error && typeof error.code === 'string';
  return !isAnswer || /^(08|57P)/.test(String(error.code));
}

function poolConfig(settings: PostgresSettings): pg.PoolConfig {
  const { acquireTimeout, applicationName, connection, idleTimeout, max, maxLifetime, min, statementTimeout } =
    settings;
  const options = sessionOptions(settings);
  return {
    ...connection,
    min,
    max,
    idleTimeoutMillis: idleTimeout,
    connectionTimeoutMillis: acquireTimeout,
    // Ends what lies idle for longer than it lives; those in use end when they are given back.
    ...(Number.isFinite(maxLifetime) ? { maxLifetimeSeconds: Math.ceil(maxLifetime / 1000) } : {}),
    allowExitOnIdle: true,
    keepAlive: true,
    application_name: applicationName,
    statement_timeout: statementTimeout,
    query_timeout: statementTimeout + answerTimeout,
    idle_in_transaction_session_timeout: statementTimeout,
    ...(options === '' ? {} : { options }),
  };
}

function sessionOptions({ parameters, readOnly }: PostgresSettings): string {
  const all = { ...(readOnly ? { default_transaction_read_only: 'on' } : {}), ...parameters };
  return Object.entries(all)
    .map(([name, value]) => `-c ${name}=${value.replaceAll(/[\\\s]/g, '\\$&')}`)
    .join(' ');
}
