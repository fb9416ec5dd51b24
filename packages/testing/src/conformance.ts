export { type ConformanceResult, runAll, runRequirements, type ScenarioResult } from './lib/run-conformance.ts';
