import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Sqlite, type SqliteOptions, sqlite } from '@mcpgen/connectors/sqlite';
import { temporaryDirectory } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';

const { signal } = new AbortController();

async function opened(options: Partial<SqliteOptions> = {}): Promise<Sqlite & Disposable> {
  const connector = sqlite({
    path: ':memory:',
    setUp: (db) => db.script('create table items (id integer primary key, name text unique, parent references items)'),
    ...options,
  });
  const client = await connector.open({ signal });
  return Object.assign(client, { [Symbol.dispose]: () => client.close() });
}

describe('sqlite', () => {
  it.each([
    ['?', 'insert into items (id, name) values (?, ?)', [1, 'mug']],
    ['$1', 'insert into items (id, name) values ($1, $2)', [1, 'mug']],
    ['$name', 'insert into items (id, name) values ($id, $name)', { id: 1, name: 'mug' }],
  ])('takes values for %s', async (_how, sql, values) => {
    using db = await opened();
    expect(db.run(sql, values)).toEqual({ changes: 1, lastInsertRowid: 1 });
    expect(db.query('select id, name from items')).toEqual([{ id: 1, name: 'mug' }]);
  });

  it('takes an injected statement for a value', async () => {
    using db = await opened();
    const hostile = `'; drop table items; --`;
    expect(db.query('select id from items where name = $1', [hostile])).toEqual([]);
    expect(db.query('select ? as text', [hostile])).toEqual([{ text: hostile }]);
    expect(db.query('select count(*) as n from items')).toEqual([{ n: 0 }]);
  });

  it('is not led astray by what is quoted', async () => {
    using db = await opened();
    expect(db.query(`select '$1' as text, ? as value /* $2 */`, [7])).toEqual([{ text: '$1', value: 7 }]);
  });

  it('checks foreign keys', async () => {
    using db = await opened();
    expect(() => db.run('insert into items (parent) values (7)')).toThrow('FOREIGN KEY');
  });

  it('keeps so many prepared statements', async () => {
    using db = await opened({ statements: 3 });
    for (let n = 0; n < 10; n++) expect(db.query(`select ${n} as n`)).toEqual([{ n }]);
    expect(db.stats()).toEqual({ statements: 3 });
  });

  it('writes ahead in a file, for readers that do not wait', async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, 'shop.db');
    using db = await opened({ path });
    db.run(`insert into items (name) values ('mug')`);
    expect(db.query('pragma journal_mode')).toEqual([{ journal_mode: 'wal' }]);
    using reader = await sqlite({ path, readOnly: true }).open({ signal }).then(disposable);
    expect(reader.query('select name from items')).toEqual([{ name: 'mug' }]);
    expect(() => reader.run(`insert into items (name) values ('pot')`)).toThrow('readonly');
  });

  it('waits for another writer as long as it is told to, and then says so', async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, 'shop.db');
    using one = await opened({ path });
    using other = await sqlite({ path, busyTimeout: 10 }).open({ signal }).then(disposable);
    one.transaction(() => {
      expect(() => other.run(`insert into items (name) values ('pot')`)).toThrow('locked');
    });
  });
});

describe('a transaction of sqlite', () => {
  const names = (db: Sqlite) =>
    db.query<{ name: string }>('select name from items order by id').map(({ name }) => name);
  const insert = (db: Sqlite, name: string) => db.run('insert into items (name) values (?)', [name]);

  it('keeps all or nothing, and hands on what its function returns', async () => {
    using db = await opened();
    expect(
      db.transaction(() => {
        insert(db, 'a');
        return insert(db, 'b').changes;
      }),
    ).toBe(1);
    expect(() =>
      db.transaction(() => {
        insert(db, 'c');
        insert(db, 'a');
      }),
    ).toThrow('UNIQUE');
    expect(names(db)).toEqual(['a', 'b']);
  });

  it('may hold others, each for itself', async () => {
    using db = await opened();
    db.transaction(() => {
      insert(db, 'a');
      expect(() =>
        db.transaction(() => {
          insert(db, 'b');
          throw new Error('changed my mind');
        }),
      ).toThrow('changed my mind');
      db.transaction(() => insert(db, 'c'));
    });
    expect(names(db)).toEqual(['a', 'c']);
  });

  it('refuses to wait: nothing is kept of a function that returns a promise', async () => {
    using db = await opened();
    expect(() => db.transaction(async () => insert(db, 'a'))).toThrow(
      expect.objectContaining({ code: 'TRANSACTION_ASYNC' }),
    );
    expect(names(db)).toEqual([]);
  });
});

describe('a sqlite connector', () => {
  it('says what it cannot open', async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, 'nowhere', 'shop.db');
    await expect(sqlite({ path }).open({ signal })).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
    await expect(sqlite({ path: () => undefined }).open({ signal })).rejects.toMatchObject({ code: 'SETTING_MISSING' });
    const noDatabase = new URL(import.meta.url).pathname;
    await expect(sqlite({ path: noDatabase }).open({ signal })).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
  });

  it('leaves nothing open when its set-up fails', async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, 'shop.db');
    const failing = sqlite({ path, setUp: () => Promise.reject(new Error('no tables today')) });
    await expect(failing.open({ signal })).rejects.toThrow('no tables today');
    expect(existsSync(`${path}-wal`)).toBe(false);
  });

  it('refuses statements after it was closed, and closes once', async () => {
    const db = await opened();
    db.close();
    db.close();
    expect(() => db.query('select 1')).toThrow(expect.objectContaining({ code: 'CONNECTOR_CLOSED' }));
  });
});

function disposable(client: Sqlite): Sqlite & Disposable {
  return Object.assign(client, { [Symbol.dispose]: () => client.close() });
}
