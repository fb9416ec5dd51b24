import assert from 'node:assert/strict';
import { test } from 'node:test';
import db from '../connectors/db.ts';
import addBook from './add_book.ts';
import findBooks from './find_books.ts';

test('finds a book that was added, and takes wildcards for what they are', async () => {
  const database = await db.open({ signal: AbortSignal.timeout(1000) });
  const context = { connectors: { db: database } } as never;
  await addBook.handler({ title: '100% Tests', author: 'Nobody', year: 2025 }, context);
  const found = await findBooks.handler({ words: '0%' }, context);
  assert.deepEqual(JSON.parse(JSON.stringify(found)), {
    books: [{ id: 4, title: '100% Tests', author: 'Nobody', year: 2025 }],
  });
  await db.close?.(database);
});
