export { type DependenciesFacts, dependenciesKey } from './lib/dependencies/dependencies-key.ts';
export { findLockfile, type Lockfile, type PackageManager } from './lib/dependencies/find-lockfile.ts';
export {
  type DependenciesOptions,
  type KeptDependencies,
  restoreDependencies,
  saveDependencies,
} from './lib/dependencies/keep-dependencies.ts';
