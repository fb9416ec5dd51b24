export { type EventRecorder, eventRecorder } from './lib/event-recorder.ts';
export { type FakeClock, fakeClock } from './lib/fake-clock.ts';
export { freePort } from './lib/free-port.ts';
export type { Fault, FaultMatch } from './lib/registry/fault.ts';
export { type RegistryAuth, TEST_REFRESH_TOKEN } from './lib/registry/registry-auth.ts';
export type { RegistryContent, RepositoryContent, StoredManifest } from './lib/registry/registry-content.ts';
export {
  type LoggedRequest,
  startRegistry,
  type TestRegistry,
  type TestRegistryOptions,
} from './lib/registry/start-registry.ts';
export { type ServiceForTest, serviceForTest } from './lib/service-for-test.ts';
export { type RedisServer, redisMissing, startRedis } from './lib/start-redis.ts';
export { type TemporaryDirectory, temporaryDirectory } from './lib/temporary-directory.ts';
export { type Tree, writeTree } from './lib/write-tree.ts';
