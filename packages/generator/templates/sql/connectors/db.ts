import { DatabaseSync } from 'node:sqlite';
import { defineConnector } from '@mcpgen/server';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS books (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    author TEXT NOT NULL,
    year INTEGER NOT NULL,
    UNIQUE (title, author)
  );
  INSERT OR IGNORE INTO books (title, author, year) VALUES
    ('The Mythical Man-Month', 'Frederick P. Brooks', 1975),
    ('Structure and Interpretation of Computer Programs', 'Harold Abelson', 1985),
    ('A Philosophy of Software Design', 'John Ousterhout', 2018);
`;

/** Opened by the first tool that asks for it. In memory, unless DATABASE_FILE says where to keep it. */
export default defineConnector({
  open() {
    const database = new DatabaseSync(process.env.DATABASE_FILE ?? ':memory:');
    database.exec(SCHEMA);
    return database;
  },
  close: (database) => database.close(),
});
