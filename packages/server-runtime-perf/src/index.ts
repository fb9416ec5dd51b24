export { compose } from './lib/compose.ts';
export { RuntimePerfError, type RuntimePerfErrorCode } from './lib/errors.ts';
export type { GateOptions } from './lib/gate.ts';
export type { Handler, HandlerContext, Layer } from './lib/handler.ts';
export { type Lazy, lazy } from './lib/lazy.ts';
export { type LatencyOptions, type LatencySummary, measureLatency, summarizeLatency } from './lib/measure-latency.ts';
export { type SingleFlightOptions, singleFlight } from './lib/single-flight.ts';
export { type DeadlineOptions, withDeadline } from './lib/with-deadline.ts';
export { withLimit } from './lib/with-limit.ts';
