import type { Call } from '../calls/call.ts';
import { duration, type Run } from '../calls/run-handler.ts';
import type { LoadedTool, ToolCall, ToolEntry } from '../catalogue/catalogue.ts';
import type { ValidationIssue } from '../catalogue/manifest.ts';
import { type Answer, resultHead } from '../protocol/answer.ts';
import type { Incoming } from '../protocol/incoming.ts';
import { InvalidInput } from '../protocol/invalid-input.ts';
import { DEFAULT_DEADLINE, DEFAULT_RESULT_LIMIT } from '../protocol/protocol.ts';
import { tellingMessage } from '../protocol/telling-message.ts';
import { comesInParts } from './large-value.ts';
import { errorResultJson, isToolResult, type ResultOptions, ResultProblem, toolResultJson } from './tool-result.ts';

/** Makes the answer of a result's JSON. */
export type ToAnswer = (request: Incoming, result: string) => Answer;

/** What becomes of one run of a tool's handler. */
export function toolRun(toolCall: ToolCall, call: Call, toAnswer: ToAnswer): Run {
  const { request, entry } = toolCall;
  return {
    what: `tool "${entry.name}"`,
    call,
    deadline: toolDeadline(request, entry),
    done: (value) =>
      comesInParts(value, request.exchange.streams)
        ? inParts(toolCall, call, value, toAnswer)
        : toAnswer(request, toolResult(toolCall, value)),
    failed: (error) => toAnswer(request, handlerFailed(toolCall, error)),
    timedOut: () => toAnswer(request, timedOut(request, entry)),
  };
}

async function inParts(toolCall: ToolCall, call: Call, value: unknown, toAnswer: ToAnswer): Promise<Answer> {
  const { answerInParts } = await import('../rare-features.ts');
  return answerInParts(toolCall, call, value, toAnswer);
}

/** Milliseconds. */
export function toolDeadline({ catalogue }: Incoming, { deadline }: ToolEntry): number {
  return deadline ?? catalogue.options.deadline ?? DEFAULT_DEADLINE;
}

export function timedOut(request: Incoming, entry: ToolEntry): string {
  return errorResultJson(sentence(entry, timeOut(request, entry)), request.resultTail);
}

/** Counts a call whose time is over, and says so. */
export function timeOut(request: Incoming, entry: ToolEntry): string {
  request.server.metrics?.problem(entry.name, 'timedOut');
  return `timed out after ${duration(toolDeadline(request, entry))}`;
}

/** The message that carries a result, given as its JSON. */
export function resultMessage(request: Incoming, result: string): string {
  return `${resultHead(request.id)}${result}}`;
}

/** The JSON of the result for what a handler returned. Does not throw: a value that cannot be sent is an error result. */
export function toolResult(call: ToolCall, value: unknown): string {
  try {
    const problem = outputProblem(call.loaded, value);
    if (problem !== undefined) throw new ResultProblem(problem);
    countErrorResult(call, value);
    return toolResultJson(value, resultOptions(call));
  } catch (error) {
    return handlerFailed(call, error);
  }
}

/** Counts a result that says itself that it is an error's. */
export function countErrorResult({ request: { server }, entry }: ToolCall, value: unknown): void {
  if (server.metrics !== undefined && isToolResult(value) && value.isError === true) {
    server.metrics.problem(entry.name, 'failed');
  }
}

export function resultOptions({ request, loaded }: ToolCall): ResultOptions {
  const { resultTail: tail, modern, server } = request;
  const limit = server.resultLimit ?? DEFAULT_RESULT_LIMIT;
  return { tail, structured: loaded.structured, objectsOnly: !modern, limit };
}

/** A tool that promises a form and returns another is told so: its clients would refuse the result. */
export function outputProblem({ structured, validateOutput }: LoadedTool, value: unknown): string | undefined {
  if (!structured) return undefined;
  const own = isToolResult(value);
  if (own && value.isError === true) return undefined;
  const found = own ? value.structuredContent : value;
  if (found === undefined) return 'returned no structured content, which its output schema asks for';
  const issues = validateOutput?.(found) ?? true;
  return issues === true ? undefined : `returned a value that its output schema refuses: ${issueList(issues)}`;
}

/** The JSON of the result that tells the model what is wrong with its arguments. */
export function invalidInput({ request, entry }: ToolCall, issues: readonly ValidationIssue[]): string {
  request.server.metrics?.problem(entry.name, 'invalid');
  return errorResultJson(`Invalid arguments for tool "${entry.name}": ${issueList(issues)}`, request.resultTail);
}

const ISSUE_LIMIT = 10;

export function issueList(issues: readonly ValidationIssue[]): string {
  const shown = issues
    .slice(0, ISSUE_LIMIT)
    .map(({ path, message }) => `${path === '' ? 'the value' : path} ${message}`);
  const rest = issues.length - shown.length;
  return shown.join('; ') + (rest > 0 ? `; and ${rest} more` : '');
}

/** The JSON of the result for what a handler threw or returned in vain, which the operator is told in full. */
export function handlerFailed(call: ToolCall, error: unknown): string {
  if (error instanceof InvalidInput) return invalidInput(call, error.issues);
  return errorResultJson(whyFailed(call, error), call.request.resultTail);
}

/** Tells the operator what went wrong, and says it in a sentence for the client. */
export function whyFailed({ request: { server }, entry }: ToolCall, error: unknown): string {
  const what = `tool "${entry.name}"`;
  server.metrics?.problem(entry.name, 'failed');
  if (error instanceof ResultProblem) {
    server.onEvent?.({ type: 'result-invalid', what, reason: error.message });
    return sentence(entry, error.message);
  }
  server.onEvent?.({ type: 'handler-failed', what, error });
  return sentence(entry, `failed: ${tellingMessage(error)}`);
}

/** The JSON of the result of a run that failed. */
export function failedResult(request: Incoming, entry: ToolEntry, state: string): string {
  request.server.metrics?.problem(entry.name, 'failed');
  return errorResultJson(sentence(entry, state), request.resultTail);
}

export function sentence({ name }: ToolEntry, state: string): string {
  return `Tool "${name}" ${state}`;
}
