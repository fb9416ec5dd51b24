export {
  createPool,
  type Lease,
  type Pool,
  type PoolEvent,
  type PoolOptions,
  type PoolStats,
} from './lib/create-pool.ts';
