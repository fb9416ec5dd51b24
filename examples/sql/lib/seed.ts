import type { Database } from './database.ts';

/** Plain SQL that both databases understand. */
const tables = [
  'create table customers (id integer primary key, name text not null, city text not null)',
  'create table products (id integer primary key, name text not null, price_cents integer not null, stock integer not null)',
  'create table orders (id integer primary key, customer_id integer not null references customers, ordered_on text not null)',
  `create table order_lines (
     order_id integer not null references orders,
     product_id integer not null references products,
     quantity integer not null,
     price_cents integer not null,
     primary key (order_id, product_id)
   )`,
];

const rows: Readonly<Record<string, readonly (readonly (string | number)[])[]>> = {
  customers: [
    [1, 'Ada Fernández', 'Porto'],
    [2, 'Bram de Vries', 'Utrecht'],
    [3, 'Chidi Okafor', 'Lagos'],
  ],
  products: [
    [1, 'Enamel mug', 1250, 40],
    [2, 'Linen apron', 3900, 12],
    [3, 'Oak chopping board', 5400, 7],
    [4, 'Mug rack (100% oak)', 2800, 0],
    [5, 'Tea towel', 990, 85],
  ],
  orders: [
    [1001, 1, '2026-09-14'],
    [1002, 2, '2026-10-02'],
    [1003, 1, '2026-11-19'],
  ],
  order_lines: [
    [1001, 1, 4, 1250],
    [1001, 5, 2, 990],
    [1002, 3, 1, 5400],
    [1003, 2, 1, 3500],
    [1003, 4, 1, 2800],
  ],
};

/** Makes the tables and fills them, where the database has none yet. */
export async function seed(database: Database): Promise<void> {
  const isSeeded = await database.query('select 1 from customers').then(
    () => true,
    () => false,
  );
  if (isSeeded) return;
  for (const table of tables) await database.query(table);
  for (const [table, values] of Object.entries(rows)) {
    for (const row of values) {
      const placeholders = row.map((_, index) => `$${index + 1}`).join(', ');
      await database.query(`insert into ${table} values (${placeholders})`, row);
    }
  }
}
