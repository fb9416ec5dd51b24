export {
  type BuildRecord,
  changeBuildRecord,
  checkUnchanged,
  type KeptRecord,
  type RecordChange,
  type RecordCheck,
  readBuildRecord,
  type WatchedDirectory,
  type WatchedFile,
  type WatchedOutputs,
  watchDirectories,
  watchFiles,
  writeBuildRecord,
} from './lib/build-record.ts';
export {
  appendBuildState,
  type BuildState,
  buildStateVersion,
  type ReadPart,
  readBuildState,
  type StepState,
  writeBuildState,
} from './lib/build-state.ts';
export { InvalidationError, type InvalidationErrorCode } from './lib/errors.ts';
export { compareComponents, explainChange, type InputChange } from './lib/explain-change.ts';
export { type Fingerprint, type FingerprintParts, fingerprint } from './lib/fingerprint.ts';
export {
  findMovedOutput,
  type MovedOutput,
  type OutputFact,
  outputsInPlace,
  readOutputFacts,
} from './lib/output-facts.ts';
export { openStatCache, type StatCache, type StatCacheOptions } from './lib/stat-cache.ts';
export type { IndexedFile } from './lib/stat-index.ts';
