import { defineTool } from '@mcpgen/server';
import * as z from 'zod';
import db from '../connectors/db.ts';

export default defineTool({
  title: 'Add a book',
  description: 'Adds a book, or corrects the year of one that is there.',
  input: z.object({
    title: z.string().min(1).max(200),
    author: z.string().min(1).max(200),
    year: z.int().min(1400).max(2100),
  }),
  output: z.object({ id: z.int() }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  connectors: { db },
  handler({ title, author, year }, { connectors }) {
    const row = connectors.db
      .prepare(
        `INSERT INTO books (title, author, year) VALUES (?, ?, ?)
         ON CONFLICT (title, author) DO UPDATE SET year = excluded.year RETURNING id`,
      )
      .get(title, author, year);
    return { id: Number(row?.id) };
  },
});
