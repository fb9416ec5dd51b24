import { type Postgres, type PostgresEvent, type PostgresOptions, postgres } from '@mcpgen/connectors/postgres';
import { eventRecorder, serviceForTest } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { startTcpProxy } from './tcp-proxy.ts';

const service = serviceForTest('MCPGEN_TEST_POSTGRES_URL', {
  script: 'scripts/services/start-postgres.sh',
  environment: process.env,
});
if (service.kind === 'absent') process.stderr.write(`skipped: postgres.test.ts: ${service.reason}\n`);
const url = service.kind === 'present' ? service.address : '';

const { signal } = new AbortController();
/** For what takes its time on a busy machine. */
const patient = { timeout: 10_000 };
let names = 0;

/** A connector under a name of its own, so that the server can be asked about its connections alone. */
async function connected(options: Partial<PostgresOptions> = {}) {
  names += 1;
  const applicationName = `connectors-test-${process.pid}-${names}`;
  const { onEvent, ofType, types } = eventRecorder<PostgresEvent>();
  const connector = postgres({ url, applicationName, onEvent, closeTimeout: 2000, ...options });
  const db = await connector.open({ signal });
  const admin = await postgres({ url, max: 1, applicationName: `${applicationName}-admin` }).open({ signal });
  const backends = async () => {
    const { rows } = await admin.query<{ pid: number }>(
      `select pid from pg_stat_activity where application_name = $1 and state is not null order by pid`,
      [applicationName],
    );
    return rows.map(({ pid }) => pid);
  };
  return {
    db,
    ofType,
    types,
    backends,
    /** Ends the connector's connections as an operator would. */
    terminate: async () => {
      const gone = await backends();
      await Promise.all(gone.map((pid) => admin.query('select pg_terminate_backend($1, 2000)', [pid])));
      return gone;
    },
    /** Settles when the server runs a statement that holds the text. */
    isRunning: async (text: string) => {
      const sql = `select 1 from pg_stat_activity where application_name = $1 and state = 'active' and query like $2`;
      for (let found = 0; found === 0; ) found = (await admin.query(sql, [applicationName, `%${text}%`])).rowCount;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([db.close(), admin.close()]);
    },
  };
}

const pidOf = async (db: Postgres): Promise<number> => {
  const { rows } = await db.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid ?? 0;
};

describe.skipIf(service.kind === 'absent')('postgres', () => {
  it('queries, and gives rows and their number', async () => {
    await using it = await connected();
    const { rows, rowCount } = await it.db.query<{ n: number }>('select n from generate_series(1, $1) as n', [3]);
    expect([rows, rowCount]).toEqual([[{ n: 1 }, { n: 2 }, { n: 3 }], 3]);
  });

  it('takes an injected statement for a value, and refuses two statements in one text', async () => {
    await using it = await connected();
    const hostile = `'; drop table pg_class; --`;
    expect((await it.db.query('select $1::text as text', [hostile])).rows).toEqual([{ text: hostile }]);
    await expect(it.db.query('select 1; select 2')).rejects.toMatchObject({ code: '42601' });
    await expect(it.db.query('select 1; select 2', [])).rejects.toMatchObject({ code: '42601' });
  });

  it('keeps a connection whose statement failed', async () => {
    await using it = await connected({ max: 1 });
    const before = await pidOf(it.db);
    await expect(it.db.query('select * from nowhere')).rejects.toMatchObject({ code: '42P01' });
    expect(await pidOf(it.db)).toBe(before);
  });

  it('sets parameters of the session, odd ones too', async () => {
    await using it = await connected({ parameters: { 'mcpgen.note': String.raw`a b\c 'd'`, search_path: 'shop' } });
    const { rows } = await it.db.query(
      `select current_setting('mcpgen.note') as note, current_setting('search_path') as path`,
    );
    expect(rows).toEqual([{ note: String.raw`a b\c 'd'`, path: 'shop' }]);
  });

  it('cannot write where it is read-only', async () => {
    await using it = await connected({ readOnly: true });
    await expect(it.db.query('create table should_not_be (id integer)')).rejects.toMatchObject({ code: '25006' });
    await expect(it.db.transaction((query) => query('create table should_not_be (id integer)'))).rejects.toMatchObject({
      code: '25006',
    });
  });

  it('stops a statement after its time, and keeps the connection', async () => {
    await using it = await connected({ max: 1, statementTimeout: 100 });
    const before = await pidOf(it.db);
    await expect(it.db.query('select pg_sleep(30)')).rejects.toMatchObject({ code: '57014' });
    expect(await pidOf(it.db)).toBe(before);
  });
});

describe.skipIf(service.kind === 'absent')('the pool of postgres', () => {
  it('opens what is needed up to max, lets so many wait, and refuses the next', async () => {
    await using it = await connected({ max: 2, queue: 1 });
    const stop = new AbortController();
    const busy = [1, 2].map(() => it.db.query('select pg_sleep(30)', [], { signal: stop.signal }));
    const waiting = it.db.query('select 1');
    await expect(it.db.query('select 2')).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    expect(it.types()).toContain('queue-full');
    await expect.poll(() => it.db.stats(), patient).toMatchObject({ size: 2, idle: 0, busy: 2, waiting: 1 });
    stop.abort(new Error('left'));
    for (const one of await Promise.allSettled(busy)) expect(one).toMatchObject({ reason: { message: 'left' } });
    expect((await waiting).rowCount).toBe(1);
    expect(await it.backends()).toHaveLength(2);
  });

  it('gives up on a caller that waits for too long', async () => {
    await using it = await connected({ max: 1, acquireTimeout: 1000 });
    const stop = new AbortController();
    const busy = it.db.query('select pg_sleep(30)', [], { signal: stop.signal });
    await expect(it.db.query('select 1')).rejects.toMatchObject({ code: 'CONNECTION_TIMEOUT' });
    expect(it.types()).toContain('acquire-timed-out');
    stop.abort();
    await expect(busy).rejects.toThrow();
  });

  it('replaces connections that the server ended while they were idle, before anybody gets them', async () => {
    await using it = await connected({ max: 2 });
    await Promise.all([it.db.query('select pg_sleep(0.05)'), it.db.query('select pg_sleep(0.05)')]);
    const gone = await it.terminate();
    expect(gone).toHaveLength(2);
    const pids = await Promise.all([pidOf(it.db), pidOf(it.db)]);
    for (const pid of gone) expect(pids).not.toContain(pid);
    expect(it.ofType('broken')).toHaveLength(2);
  });

  it('fails the query whose connection the server ended, and goes on with a new one', async () => {
    await using it = await connected({ max: 1 });
    const failed = it.db.query('select pg_sleep(30)');
    failed.catch(() => {});
    await it.isRunning('pg_sleep');
    const [gone] = await it.terminate();
    await expect(failed).rejects.toMatchObject({ code: '57P01' });
    expect(await pidOf(it.db)).not.toBe(gone);
    expect(it.ofType('broken')).toHaveLength(1);
  });

  it('survives the end of a connection between two queries of a transaction', async () => {
    await using it = await connected({ max: 1 });
    const transaction = it.db.transaction(async (query) => {
      await query('select 1');
      await it.terminate();
      await query('select 2');
    });
    await expect(transaction).rejects.toThrow();
    expect((await it.db.query('select 3 as n')).rows).toEqual([{ n: 3 }]);
  });

  it('checks what was idle, and hands out none of it when the network is gone', async () => {
    const { hostname: host, port } = new URL(url);
    await using proxy = await startTcpProxy({ host, port: Number(port || 5432) });
    const through = new URL(url);
    through.host = `127.0.0.1:${proxy.port}`;
    await using it = await connected({ url: through.href, checkAfterIdle: 0, max: 2 });
    const before = await pidOf(it.db);
    proxy.freezeOpen();
    expect(await pidOf(it.db)).not.toBe(before);
    expect(it.ofType('broken')).toHaveLength(1);
  });

  it('refuses while the server restarts, without ending the process, and recovers by itself', async () => {
    const { hostname: host, port } = new URL(url);
    await using proxy = await startTcpProxy({ host, port: Number(port || 5432) });
    const through = new URL(url);
    through.host = `127.0.0.1:${proxy.port}`;
    await using it = await connected({ url: through.href });
    await Promise.all([pidOf(it.db), pidOf(it.db)]);
    const running = it.db.query('select pg_sleep(30)');
    running.catch(() => {});
    await it.isRunning('pg_sleep');
    proxy.cut();
    await expect(running).rejects.toThrow();
    await expect(it.db.query('select 1')).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
    await proxy.mend();
    expect((await it.db.query('select 1 as n')).rows).toEqual([{ n: 1 }]);
  });

  it('closes a connection in which a transaction was left open', async () => {
    await using it = await connected({ max: 1 });
    const before = await pidOf(it.db);
    await it.db.query('begin');
    expect(await pidOf(it.db)).not.toBe(before);
  });

  it('replaces connections at the end of their life', async () => {
    let present = 0;
    await using it = await connected({ max: 1, maxLifetime: 60_000, now: () => present, random: () => 0 });
    const before = await pidOf(it.db);
    present = 60_000;
    await it.db.query('select 1');
    expect(await pidOf(it.db)).not.toBe(before);
  });
});

describe.skipIf(service.kind === 'absent')('a caller of postgres that leaves', () => {
  it('is free at once; the server stops its query, and the connection serves the next', async () => {
    await using it = await connected({ max: 1 });
    const before = await pidOf(it.db);
    const stop = new AbortController();
    const left = it.db.query('select pg_sleep(30)', [], { signal: stop.signal });
    left.catch(() => {});
    await it.isRunning('pg_sleep');
    stop.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    expect(await pidOf(it.db)).toBe(before);
    expect(it.ofType('cancelled')).toHaveLength(1);
    expect(it.ofType('broken')).toEqual([]);
  });

  it('never reaches the server when it leaves while it waits', async () => {
    await using it = await connected({ max: 1 });
    const stop = new AbortController();
    const busy = it.db.query('select pg_sleep(30)', [], { signal: stop.signal });
    busy.catch(() => {});
    await it.isRunning('pg_sleep');
    const queued = new AbortController();
    const left = it.db.query('select 1', [], { signal: queued.signal });
    queued.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    expect(it.db.stats().waiting).toBe(0);
    stop.abort();
  });

  it('loses the connection, not the pool, when the server cannot be asked to stop', async () => {
    const { hostname: host, port } = new URL(url);
    await using proxy = await startTcpProxy({ host, port: Number(port || 5432) });
    const through = new URL(url);
    through.host = `127.0.0.1:${proxy.port}`;
    await using it = await connected({ url: through.href, max: 1 });
    const stop = new AbortController();
    const left = it.db.query('select pg_sleep(30)', [], { signal: stop.signal });
    left.catch(() => {});
    await it.isRunning('pg_sleep');
    proxy.freeze();
    stop.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    await expect.poll(() => it.db.stats().busy, patient).toBe(0);
    await proxy.mend();
    expect((await it.db.query('select 1 as n')).rows).toEqual([{ n: 1 }]);
  });
});

describe.skipIf(service.kind === 'absent')('a transaction of postgres', () => {
  const table = `connectors_test_${process.pid}`;

  async function withTable<T>(run: (it: Awaited<ReturnType<typeof connected>>) => Promise<T>): Promise<T> {
    await using it = await connected({ max: 2 });
    await it.db.query(`create table ${table} (id integer primary key)`);
    try {
      return await run(it);
    } finally {
      await it.db.query(`drop table ${table}`);
    }
  }

  const ids = async (db: Postgres) => (await db.query<{ id: number }>(`select id from ${table} order by id`)).rows;

  it('keeps all or nothing', async () => {
    await withTable(async ({ db }) => {
      await db.transaction(async (query) => {
        await query(`insert into ${table} values ($1)`, [1]);
        await query(`insert into ${table} values ($1)`, [2]);
      });
      const failing = db.transaction(async (query) => {
        await query(`insert into ${table} values ($1)`, [3]);
        throw new Error('changed my mind');
      });
      await expect(failing).rejects.toThrow('changed my mind');
      expect(await ids(db)).toEqual([{ id: 1 }, { id: 2 }]);
      expect(db.stats().busy).toBe(0);
    });
  });

  it('says so when a swallowed failure left nothing to commit', async () => {
    await withTable(async ({ db }) => {
      const swallowed = db.transaction(async (query) => {
        await query(`insert into ${table} values ($1)`, [1]);
        await query(`insert into ${table} values ($1)`, [1]).catch(() => {});
      });
      await expect(swallowed).rejects.toMatchObject({ code: 'TRANSACTION_ABORTED' });
      expect(await ids(db)).toEqual([]);
    });
  });

  it('is rolled back when its caller leaves', async () => {
    await withTable(async (it) => {
      const stop = new AbortController();
      const left = it.db.transaction(
        async (query) => {
          await query(`insert into ${table} values (1)`);
          await query('select pg_sleep(30)');
        },
        { signal: stop.signal },
      );
      left.catch(() => {});
      await it.isRunning('pg_sleep');
      stop.abort(new Error('left'));
      await expect(left).rejects.toThrow('left');
      await expect.poll(() => it.db.stats().busy, patient).toBe(0);
      expect(await ids(it.db)).toEqual([]);
    });
  });

  it('is as isolated as asked, and of nothing else', async () => {
    await using it = await connected();
    const level = await it.db.transaction(async (query) => (await query('show transaction_isolation')).rows, {
      isolation: 'serializable',
      readOnly: true,
    });
    expect(level).toEqual([{ transaction_isolation: 'serializable' }]);
    const hostile = { isolation: 'serializable; drop table x' as 'serializable' };
    await expect(it.db.transaction(async () => {}, hostile)).rejects.toThrow(RangeError);
  });
});

describe.skipIf(service.kind === 'absent')('closing postgres', () => {
  it('refuses new queries, waits for those under way, and leaves no connection', async () => {
    await using it = await connected();
    const running = it.db.query('select pg_sleep(0.2), 1 as n');
    await it.isRunning('pg_sleep');
    const closing = it.db.close();
    await expect(it.db.query('select 1')).rejects.toMatchObject({ code: 'CONNECTOR_CLOSED' });
    expect((await running).rowCount).toBe(1);
    await closing;
    await expect.poll(it.backends, patient).toEqual([]);
  });

  it('ends what runs for longer than it may', async () => {
    await using it = await connected({ closeTimeout: 100 });
    const running = it.db.query('select pg_sleep(30)');
    running.catch(() => {});
    await it.isRunning('pg_sleep');
    await it.db.close();
    await expect(running).rejects.toThrow();
  });
});

describe('a postgres connector that cannot open', () => {
  it('says that its url is missing', async () => {
    const connector = postgres({ url: () => undefined });
    await expect(connector.open({ signal })).rejects.toMatchObject({
      code: 'SETTING_MISSING',
      message: 'Cannot connect to PostgreSQL: "url" is not set',
    });
  });

  it.each([{ acquireTimeout: Number.POSITIVE_INFINITY }, { statementTimeout: 0 }, { closeTimeout: Number.NaN }])(
    'refuses %o, which no timer can wait for',
    async (options) => {
      await expect(postgres({ url: 'postgres://127.0.0.1:1', ...options }).open({ signal })).rejects.toThrow(
        RangeError,
      );
    },
  );

  it('says what the server or the network says, and never the password', async () => {
    const connector = postgres({ url: 'postgres://someone:s3cret-canary@127.0.0.1:1/nowhere' });
    const error = await connector.open({ signal }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', message: expect.stringContaining('ECONNREFUSED') });
    expect(JSON.stringify(error) + String(error)).not.toContain('s3cret-canary');
  });
});
