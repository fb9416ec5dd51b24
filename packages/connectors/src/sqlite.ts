export {
  type Sqlite,
  type SqliteChanges,
  type SqliteOptions,
  type SqliteRow,
  type SqliteStats,
  type SqliteValue,
  type SqliteValues,
  sqlite,
} from './lib/sqlite.ts';
