export {
  type Postgres,
  type PostgresEvent,
  type PostgresOptions,
  type PostgresQuery,
  type PostgresResult,
  type PostgresStats,
  postgres,
  type TransactionOptions,
} from './lib/postgres.ts';
