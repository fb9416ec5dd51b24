import { defineTool } from '@mcpgen/server';
import * as z from 'zod';
import db from '../connectors/db.ts';

const LIMIT = 20;

export default defineTool({
  title: 'Find books',
  description: `Finds books by words in their title or author, newest first, ${LIMIT} at most.`,
  input: z.object({
    words: z.string().min(1).max(100).describe('Words in the title or the author'),
    before: z.int().min(1400).max(2100).optional().describe('Only books from before this year'),
  }),
  output: z.object({
    books: z.array(z.object({ id: z.int(), title: z.string(), author: z.string(), year: z.int() })),
  }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  connectors: { db },
  handler({ words, before = 9999 }, { connectors }) {
    const pattern = `%${words.replace(/[\\%_]/g, '\\$&')}%`;
    // Values go in as parameters, never into the text of a statement.
    const books = connectors.db
      .prepare(
        `SELECT id, title, author, year FROM books
         WHERE (title LIKE ? ESCAPE '\\' OR author LIKE ? ESCAPE '\\') AND year < ?
         ORDER BY year DESC LIMIT ?`,
      )
      .all(pattern, pattern, before, LIMIT);
    return { books };
  },
});
