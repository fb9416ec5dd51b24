export type { WorkerCall, WorkerRunOptions } from './lib/worker-call.ts';
export type { WorkerLog, WorkerProgress } from './lib/worker-messages.ts';
export { createWorkerPool, type WorkerPool, type WorkerPoolEvent, type WorkerPoolOptions } from './lib/worker-pool.ts';
