import type * as library from 'node:sqlite';
import { connectorClosed, transactionAsync } from './errors.ts';
import type { Sqlite, SqliteChanges, SqliteRow, SqliteStats, SqliteValue, SqliteValues } from './sqlite.ts';

interface Prepared {
  readonly statement: library.StatementSync;
  /** Its values stand as `$1`, `$2`, which SQLite takes for names. */
  readonly isNumbered: boolean;
}

export interface SqliteSettings {
  readonly file: string;
  readonly readOnly: boolean;
  readonly busyTimeout: number;
  /** Prepared statements that are kept. */
  readonly statements: number;
}

export class SqliteClient implements Sqlite {
  readonly #database: library.DatabaseSync;
  readonly #limit: number;
  /** In order of use, the latest at the end. */
  readonly #prepared = new Map<string, Prepared>();
  #depth = 0;

  constructor(
    { DatabaseSync }: Pick<typeof library, 'DatabaseSync'>,
    { busyTimeout, file, readOnly, statements }: SqliteSettings,
  ) {
    this.#limit = statements;
    this.#database = new DatabaseSync(file, { readOnly, enableForeignKeyConstraints: true });
    try {
      this.#database.exec(`pragma busy_timeout = ${busyTimeout}`);
      if (!readOnly) this.#database.exec('pragma journal_mode = wal; pragma synchronous = normal');
    } catch (error) {
      this.#database.close(); // a file that is no database says so with the first statement
      throw error;
    }
  }

  query<Row extends object = SqliteRow>(sql: string, values: SqliteValues = []): readonly Row[] {
    const { statement, isNumbered } = this.#prepare(sql);
    return asRows<Row>(isPositional(values) && !isNumbered ? statement.all(...values) : statement.all(toNames(values)));
  }

  run(sql: string, values: SqliteValues = []): SqliteChanges {
    const { statement, isNumbered } = this.#prepare(sql);
    const { changes, lastInsertRowid } =
      isPositional(values) && !isNumbered ? statement.run(...values) : statement.run(toNames(values));
    return { changes: Number(changes), lastInsertRowid };
  }

  script(sql: string): void {
    this.#assertOpen();
    this.#database.exec(sql);
  }

  transaction<T>(run: () => T): T {
    this.#assertOpen();
    const level = this.#depth;
    this.#database.exec(level === 0 ? 'begin immediate' : `savepoint s${level}`);
    this.#depth += 1;
    try {
      const result = run();
      if (result instanceof Promise) throw transactionAsync();
      this.#database.exec(level === 0 ? 'commit' : `release s${level}`);
      return result;
    } catch (error) {
      // Some failures, such as a full disk, have rolled back already.
      if (this.#database.isTransaction) {
        this.#database.exec(level === 0 ? 'rollback' : `rollback to s${level}; release s${level}`);
      }
      throw error;
    } finally {
      this.#depth = level;
    }
  }

  stats(): SqliteStats {
    return { statements: this.#prepared.size };
  }

  close(): void {
    this.#prepared.clear();
    if (this.#database.isOpen) this.#database.close();
  }

  #prepare(sql: string): Prepared {
    this.#assertOpen();
    const known = this.#prepared.get(sql);
    const prepared = known ?? { statement: this.#database.prepare(sql), isNumbered: hasNumbers(sql) };
    this.#prepared.delete(sql);
    this.#prepared.set(sql, prepared);
    if (this.#prepared.size > this.#limit) {
      const [oldest = ''] = this.#prepared.keys();
      this.#prepared.delete(oldest);
    }
    return prepared;
  }

  #assertOpen(): void {
    if (!this.#database.isOpen) throw connectorClosed('SQLite');
  }
}

function isPositional(values: SqliteValues): values is readonly SqliteValue[] {
  return Array.isArray(values);
}

function toNames(values: SqliteValues): Record<string, SqliteValue> {
  if (!isPositional(values)) return values;
  return Object.fromEntries(values.map((value, index) => [`$${index + 1}`, value]));
}

/** What is quoted or commented out does not count. */
function hasNumbers(sql: string): boolean {
  const code = sql.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|--.*|\/\*[\s\S]*?\*\//g, ' ');
  return /\$\d/.test(code);
}

/** The caller says what the columns are. Rows come with a null prototype, which not every reader of objects expects. */
function asRows<Row extends object>(rows: readonly object[]): readonly Row[] {
  return rows.map((row) => ({ ...row }) as Row);
}
