export type { BundleEvent, OnBundleEvent } from './lib/bundle/bundle-event.ts';
export { type BundlePlan, chunkInputs } from './lib/bundle/bundle-plan.ts';
export type { BundlerOptions } from './lib/bundle/bundler-options.ts';
export { checkBundler } from './lib/bundle/check-bundler.ts';
export { checkInstalled } from './lib/bundle/check-installed.ts';
export { type Bundled, type Bundler, createBundler } from './lib/bundle/create-bundler.ts';
export type { DependencyFacts, DependencyMemory, LockedDependencyMemory } from './lib/bundle/dependency-facts.ts';
export type {
  BundledDependency,
  DependencyPlan,
  ExternalDependency,
  ExternalImport,
} from './lib/bundle/dependency-plan.ts';
export { type EditModuleGraphOptions, editModuleGraph } from './lib/bundle/edit-module-graph.ts';
export { BundleError, type BundleErrorCode, type SourceLocation } from './lib/bundle/errors.ts';
export type { ImportTarget, Module, ModuleGraph, ModuleImport } from './lib/bundle/module-graph.ts';
export { type Chunk, type ChunkPlan, planChunks } from './lib/bundle/plan-chunks.ts';
export { type PlanDependenciesOptions, planDependencies } from './lib/bundle/plan-dependencies.ts';
export type { CompilerOptions } from './lib/bundle/read-compiler-options.ts';
export { type ReadModuleGraphOptions, readModuleGraph } from './lib/bundle/read-module-graph.ts';
export { runtimeFiles } from './lib/bundle/runtime-files.ts';
export type { ImportedNames, ImportKind, Scan, ScanMemory, ScannedImport, ScanWarning } from './lib/bundle/scan.ts';
export { type TracedFile, type TraceExternalsOptions, traceExternals } from './lib/bundle/trace-externals.ts';
