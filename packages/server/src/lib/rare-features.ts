// What few requests need, as one module on purpose: a bundler that splits makes one chunk of it, where a chunk for each
// would also cut what they share with the start path into a dozen files, and each costs half a millisecond at the start.
export { answerMetrics } from './answer-metrics.ts';
export { answerProtectedResource } from './answer-protected-resource.ts';
export { complete } from './complete.ts';
export { digestServer } from './digest-server.ts';
export { getPrompt } from './get-prompt.ts';
export { HttpAuth } from './http-auth.ts';
export { runRounds } from './input-rounds.ts';
export { answerLegacy, sessionRequest } from './legacy-http.ts';
export { LegacyStdio } from './legacy-stdio.ts';
export { listPages } from './list-pages.ts';
export { listen } from './listen.ts';
export { parseAuth } from './parse-auth.ts';
export { readResource } from './read-resource.ts';
export { sendParts } from './send-parts.ts';
export { answerInParts } from './stream-result.ts';
export { openToolResults } from './tool-results.ts';
export { WorkerTools } from './worker-tools.ts';
