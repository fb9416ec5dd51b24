import { postgres } from '@mcpgen/connectors/postgres';
import { sqlite } from '@mcpgen/connectors/sqlite';

/** What the tools need of either database. Parameters stand in the text as `$1`, `$2`: values never become part of it. */
export interface Database {
  query<Row extends object>(
    sql: string,
    values?: readonly (string | number | null)[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly Row[]>;
  close(): Promise<void>;
}

const inMemoryOrFile = sqlite({ path: () => process.env.SHOP_FILE ?? ':memory:' });
const onServer = postgres({ url: () => process.env.DATABASE_URL, max: 5, parameters: { search_path: 'shop' } });

export async function openSqlite(signal: AbortSignal): Promise<Database> {
  const client = await inMemoryOrFile.open({ signal });
  return {
    query: async (sql, values) => client.query(sql, values),
    close: () => inMemoryOrFile.close(client),
  };
}

/** The schema `shop` need not exist yet. */
export async function openPostgres(signal: AbortSignal): Promise<Database> {
  const client = await onServer.open({ signal });
  await client.query('create schema if not exists shop');
  return {
    async query<Row extends object>(...query: Parameters<Database['query']>) {
      const { rows } = await client.query<Row>(...query);
      return rows;
    },
    close: () => onServer.close(client),
  };
}

/** Makes a text match itself in `like … escape '!'`. */
export function escapeLike(text: string): string {
  return text.replaceAll(/[!%_]/g, '!$&');
}
