export type { Advice } from './lib/advise-on.ts';
export {
  type AnalyseOptions,
  analyse,
  type Bottleneck,
  type BuildAnalysis,
  type KindTotal,
  type Planned,
  type TierTotal,
} from './lib/analyse.ts';
export {
  type History,
  type HistoryLimits,
  type ReadOptions,
  readRecords,
  type SkippedLine,
  writeRecord,
} from './lib/build-history.ts';
export type {
  BuildOutcome,
  BuildRecord,
  MachineFacts,
  SizeRecord,
  SpanOutcome,
  SpanRecord,
} from './lib/build-record.ts';
export { type Budget, checkBudget, type Limit, type Measured, type OverBudget } from './lib/check-budget.ts';
export { compareRecords, type RecordComparison, type StepComparison } from './lib/compare-records.ts';
export {
  type BuildFacts,
  createRecorder,
  type FinishedSpan,
  type Recorder,
  type RecorderOptions,
  type SpanEnd,
  type SpanHandle,
  type SpanJournal,
  type SpanStart,
} from './lib/create-recorder.ts';
export type { Shift } from './lib/detect-shift.ts';
export { MetricsError, type MetricsErrorCode } from './lib/errors.ts';
export { type CriticalPath, findCriticalPath } from './lib/find-critical-path.ts';
export { findTrends, type StepTrend, type TrendOptions, type Trends } from './lib/find-trends.ts';
export { type Journal, openJournal } from './lib/open-journal.ts';
export { parseRecord } from './lib/parse-record.ts';
export { type MachineSample, machineBetween, type ReadMachineOptions, readMachine } from './lib/read-machine.ts';
export { type BuildSummary, type StepSummary, summarise } from './lib/summarise.ts';
export { type ChromeTrace, type ChromeTraceEvent, toChromeTrace } from './lib/to-chrome-trace.ts';
export { toMarkdown } from './lib/to-markdown.ts';
export { type OtlpTraces, toOtlp } from './lib/to-otlp.ts';
export { toPrometheus } from './lib/to-prometheus.ts';
export { type WhatIf, whatIf } from './lib/what-if.ts';
