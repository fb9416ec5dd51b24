import assert from 'node:assert/strict';
import { sqlite } from '@mcpgen/connectors/sqlite';

const connector = sqlite({
  path: ':memory:',
  setUp: (db) => db.script('create table notes (id integer primary key, text text not null)'),
});

const db = await connector.open({ signal: new AbortController().signal });
db.transaction(() => {
  for (const text of ['milk', `'; drop table notes; --`]) db.run('insert into notes (text) values ($1)', [text]);
});
const notes = db.query<{ id: number; text: string }>('select id, text from notes order by id');
assert.deepEqual(notes, [
  { id: 1, text: 'milk' },
  { id: 2, text: `'; drop table notes; --` },
]);
await connector.close(db);
console.log(`${notes.length} notes`);
