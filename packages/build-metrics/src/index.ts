export {
  type AnalyseOptions,
  analyse,
  type BuildAnalysis,
  type KindTotal,
} from './lib/analyse.ts';
export type { BuildOutcome, BuildRecord, SpanOutcome, SpanRecord } from './lib/build-record.ts';
export { compareRecords, type RecordComparison, type StepComparison } from './lib/compare-records.ts';
export {
  type BuildFacts,
  createRecorder,
  type FinishedSpan,
  type Recorder,
  type RecorderOptions,
  type SpanEnd,
  type SpanHandle,
  type SpanStart,
} from './lib/create-recorder.ts';
export { MetricsError, type MetricsErrorCode } from './lib/errors.ts';
export type { CriticalPath } from './lib/find-critical-path.ts';
export { parseRecord } from './lib/parse-record.ts';
export {
  type History,
  type HistoryLimits,
  readRecords,
  type SkippedLine,
  writeRecord,
} from './lib/record-history.ts';
export { type ChromeTrace, type ChromeTraceEvent, toChromeTrace } from './lib/to-chrome-trace.ts';
