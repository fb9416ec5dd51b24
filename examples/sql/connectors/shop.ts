import { defineConnector } from '@mcpgen/server';
import type { Database } from '../lib/database.ts';
import { seed } from '../lib/seed.ts';

/** PostgreSQL where DATABASE_URL is set, else SQLite in SHOP_FILE, else SQLite in memory. Only what is used is loaded. */
export default defineConnector({
  async open(): Promise<Database> {
    const url = process.env.DATABASE_URL;
    const database =
      url === undefined
        ? (await import('../lib/sqlite.ts')).openSqlite(process.env.SHOP_FILE ?? ':memory:')
        : await (await import('../lib/postgres.ts')).openPostgres(url);
    await seed(database);
    return database;
  },
  close: (database) => database.close(),
});
