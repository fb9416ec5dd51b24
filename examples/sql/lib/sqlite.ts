import { DatabaseSync } from 'node:sqlite';
import type { Database, Row } from './database.ts';

/** Opens a SQLite database: a file, or `:memory:`. */
export function openSqlite(path: string): Database {
  const database = new DatabaseSync(path);
  return {
    async query<R extends Row>(sql: string, parameters: readonly (string | number | null)[] = []) {
      const named = Object.fromEntries(parameters.map((value, index) => [`$${index + 1}`, value]));
      return database.prepare(sql).all(named) as unknown as readonly R[];
    },
    async close() {
      database.close();
    },
  };
}
