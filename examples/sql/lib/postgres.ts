import { Pool } from 'pg';
import type { Database, Row } from './database.ts';

/** Opens a pool of connections that work in the schema `shop`, which need not exist yet. */
export async function openPostgres(connectionString: string): Promise<Database> {
  const pool = new Pool({ connectionString, max: 5, options: '-c search_path=shop' });
  await pool.query('create schema if not exists shop');
  return {
    async query<R extends Row>(sql: string, parameters: readonly (string | number | null)[] = []) {
      const { rows } = await pool.query<R>(sql, [...parameters]);
      return rows;
    },
    close: () => pool.end(),
  };
}
