// What few requests need, as one module on purpose: a bundler that splits makes one chunk of it, where a chunk for each
// would also cut what they share with the start path into a dozen files, and each costs half a millisecond at the start.

export { WorkerTools } from './calls/worker-tools.ts';
export { digestServer } from './catalogue/digest-server.ts';
export { listPages } from './catalogue/list-pages.ts';
export { answerMetrics } from './http/answer-metrics.ts';
export { answerProtectedResource } from './http/answer-protected-resource.ts';
export { HttpAuth } from './http/http-auth.ts';
export { parseAuth } from './http/parse-auth.ts';
export { sendParts } from './http/send-parts.ts';
export { openToolResults } from './kept-results/tool-results.ts';
export { answerLegacy, sessionRequest } from './legacy/legacy-http.ts';
export { LegacyStdio } from './legacy/legacy-stdio.ts';
export { complete } from './methods/complete.ts';
export { getPrompt } from './methods/get-prompt.ts';
export { runRounds } from './methods/input-rounds.ts';
export { listen } from './methods/listen.ts';
export { readResource } from './methods/read-resource.ts';
export { answerInParts } from './results/stream-result.ts';
