import type { Connector } from './connector.ts';
import { connectionFailed } from './errors.ts';
import { readSetting, type Setting } from './read-setting.ts';
import { SqliteClient } from './sqlite-client.ts';

export interface SqliteOptions {
  /** A file, which is made where there is none, or `:memory:`. */
  readonly path: Setting;
  /** Opens the file for reading alone; it must be there. Default: false. */
  readonly readOnly?: boolean;
  /** Milliseconds that a statement waits for another process that writes; nothing else runs meanwhile. Default: 1,000. */
  readonly busyTimeout?: number;
  /** Prepared statements that are kept; the least recently used goes first. Default: 100. */
  readonly statements?: number;
  /** Run once, when the database is open: tables, pragmas. */
  readonly setUp?: (database: Sqlite) => void | Promise<void>;
}

export type SqliteValue = string | number | bigint | null | Uint8Array;

/** By position for `?` and for `$1`, `$2` as PostgreSQL has them; by name, `{ city: 'Bern' }`, for `$city`. */
export type SqliteValues = readonly SqliteValue[] | Readonly<Record<string, SqliteValue>>;

export type SqliteRow = Record<string, unknown>;

export interface SqliteChanges {
  readonly changes: number;
  readonly lastInsertRowid: number | bigint;
}

export interface SqliteStats {
  readonly statements: number;
}

/** Answers at once, on the thread that asks: nothing else runs on it meanwhile. */
export interface Sqlite {
  /** Runs one statement and gives its rows. Values travel beside the text. */
  query<Row extends object = SqliteRow>(sql: string, values?: SqliteValues): readonly Row[];
  /** Runs one statement and tells what it changed. */
  run(sql: string, values?: SqliteValues): SqliteChanges;
  /** Runs a script of several statements, without values. */
  script(sql: string): void;
  /**
   * Commits when the function returns, rolls back when it throws. One within another is a savepoint.
   *
   * @throws {ConnectorError} TRANSACTION_ASYNC when the function returns a promise; nothing is kept.
   */
  transaction<T>(run: () => T): T;
  stats(): SqliteStats;
  close(): void;
}

/**
 * Makes a connector to SQLite, by Node's own `node:sqlite`: write-ahead log, foreign keys and a busy timeout on.
 *
 * @throws {ConnectorError} on opening: SETTING_MISSING, CONNECTION_FAILED.
 */
export function sqlite({
  path,
  readOnly = false,
  busyTimeout = 1000,
  statements = 100,
  setUp,
}: SqliteOptions): Connector<Sqlite> {
  if (!(Number.isInteger(busyTimeout) && busyTimeout >= 0)) {
    throw new RangeError(`Cannot connect to SQLite: "busyTimeout" is ${busyTimeout}`);
  }
  return {
    async open() {
      const file = readSetting(path, 'SQLite', 'path');
      // Not by `import`: bundlers that leave the prefix away ask for a package of that name.
      const library = process.getBuiltinModule('node:sqlite');
      const client = openClient(() => new SqliteClient(library, { file, readOnly, busyTimeout, statements }));
      try {
        await setUp?.(client);
      } catch (error) {
        client.close();
        throw error;
      }
      return client;
    },
    close: async (client) => client.close(),
  };
}

function openClient(open: () => SqliteClient): SqliteClient {
  try {
    return open();
  } catch (error) {
    throw connectionFailed('SQLite', error);
  }
}
