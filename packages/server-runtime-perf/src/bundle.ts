export { type WorkerPoolBundle, workerPoolBundle } from './lib/worker-pool-bundle.ts';
