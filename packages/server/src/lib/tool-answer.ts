import { type Answer, resultHead } from './answer.ts';
import type { Call } from './call.ts';
import type { LoadedTool, ToolCall, ToolEntry } from './catalogue.ts';
import type { Incoming } from './incoming.ts';
import { InvalidInput } from './invalid-input.ts';
import type { ValidationIssue } from './manifest.ts';
import { isFields } from './message.ts';
import { DEFAULT_DEADLINE, DEFAULT_RESULT_LIMIT } from './protocol.ts';
import { duration, type Run } from './run-handler.ts';
import { tellingMessage } from './telling-message.ts';
import { errorResultJson, ResultProblem, toolResultJson } from './tool-result.ts';

/**
 * What becomes of one run of a tool's handler.
 * @param toAnswer makes the answer of a result's JSON.
 */
export function toolRun(toolCall: ToolCall, call: Call, toAnswer: (request: Incoming, result: string) => Answer): Run {
  const { request, entry } = toolCall;
  return {
    what: `tool "${entry.name}"`,
    call,
    deadline: toolDeadline(request, entry),
    done: (value) => toAnswer(request, toolResult(toolCall, value)),
    failed: (error) => toAnswer(request, handlerFailed(toolCall, error)),
    timedOut: () => toAnswer(request, timedOut(request, entry)),
  };
}

/** Milliseconds. */
export function toolDeadline({ catalogue }: Incoming, { deadline }: ToolEntry): number {
  return deadline ?? catalogue.options.deadline ?? DEFAULT_DEADLINE;
}

export function timedOut(request: Incoming, entry: ToolEntry): string {
  request.server.metrics?.problem(entry.name, 'timedOut');
  return problemResult(request, entry, `timed out after ${duration(toolDeadline(request, entry))}`);
}

/** The message that carries a result, given as its JSON. */
export function resultMessage(request: Incoming, result: string): string {
  return `${resultHead(request.id)}${result}}`;
}

/** The JSON of the result for what a handler returned. Does not throw: a value that cannot be sent is an error result. */
export function toolResult(call: ToolCall, value: unknown): string {
  const { request, entry, loaded } = call;
  try {
    const problem = outputProblem(loaded, value);
    if (problem !== undefined) return failedResult(request, entry, problem);
    const { resultTail, modern, server } = request;
    if (server.metrics !== undefined && isErrorResult(value)) server.metrics.problem(entry.name, 'failed');
    const limit = server.resultLimit ?? DEFAULT_RESULT_LIMIT;
    return toolResultJson(value, { tail: resultTail, structured: loaded.structured, objectsOnly: !modern, limit });
  } catch (error) {
    if (error instanceof ResultProblem) return failedResult(request, entry, error.message);
    return handlerFailed(call, error);
  }
}

function isErrorResult(value: unknown): boolean {
  return isFields(value) && Array.isArray(value.content) && value.isError === true;
}

/** A tool that promises a form and returns another is told so: its clients would refuse the result. */
function outputProblem({ structured, validateOutput }: LoadedTool, value: unknown): string | undefined {
  if (!structured) return undefined;
  const own = isFields(value) && Array.isArray(value.content);
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

function issueList(issues: readonly ValidationIssue[]): string {
  const shown = issues
    .slice(0, ISSUE_LIMIT)
    .map(({ path, message }) => `${path === '' ? 'the value' : path} ${message}`);
  const rest = issues.length - shown.length;
  return shown.join('; ') + (rest > 0 ? `; and ${rest} more` : '');
}

/** The JSON of the result for what a handler threw, which the operator is told in full. */
export function handlerFailed(call: ToolCall, error: unknown): string {
  if (error instanceof InvalidInput) return invalidInput(call, error.issues);
  const { request, entry } = call;
  request.server.onEvent?.({ type: 'handler-failed', what: `tool "${entry.name}"`, error });
  return failedResult(request, entry, `failed: ${tellingMessage(error)}`);
}

/** The JSON of the result of a run that failed. */
export function failedResult(request: Incoming, entry: ToolEntry, state: string): string {
  request.server.metrics?.problem(entry.name, 'failed');
  return problemResult(request, entry, state);
}

function problemResult(request: Incoming, entry: ToolEntry, state: string): string {
  return errorResultJson(`Tool "${entry.name}" ${state}`, request.resultTail);
}
