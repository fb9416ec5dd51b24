import { defineConnector } from '@mcpgen/server';
import { type Database, openPostgres, openSqlite } from '../lib/database.ts';
import { seed } from '../lib/seed.ts';

/** PostgreSQL where DATABASE_URL is set, else SQLite in SHOP_FILE, else SQLite in memory. Only what is used is loaded. */
export default defineConnector({
  async open({ signal }): Promise<Database> {
    const database = process.env.DATABASE_URL === undefined ? await openSqlite(signal) : await openPostgres(signal);
    await seed(database);
    return database;
  },
  close: (database) => database.close(),
});
