import { Call } from '../calls/call.ts';
import { isThenable, runHandler } from '../calls/run-handler.ts';
import { type Wait, waitFor } from '../calls/wait-for.ts';
import type { ParseResult, ToolCall, ToolEntry } from '../catalogue/catalogue.ts';
import type { ValidationIssue } from '../catalogue/manifest.ts';
import { type Answer, quote, refuse } from '../protocol/answer.ts';
import type { Incoming } from '../protocol/incoming.ts';
import { type Fields, isFields } from '../protocol/message.ts';
import { INVALID_PARAMS } from '../protocol/protocol.ts';
import { StreamedAnswer } from '../protocol/streamed-answer.ts';
import {
  failedResult,
  handlerFailed,
  invalidInput,
  resultMessage,
  timedOut,
  toolDeadline,
  toolRun,
} from '../results/tool-answer.ts';
import { withAsk } from './ask-client.ts';

/** `tools/call`. Finished in the same turn when the tool is loaded and its handler does not wait for anything. */
export function callTool(request: Incoming): Answer | Promise<Answer> {
  const { params, catalogue, id } = request;
  const name = params.name;
  const entry = typeof name === 'string' ? catalogue.tool(name) : undefined;
  if (entry === undefined) return refuse(id, 200, INVALID_PARAMS, `Unknown tool: ${quote(name)}`);
  const input = params.arguments ?? {};
  if (!isFields(input)) {
    return refuse(id, 200, INVALID_PARAMS, `Invalid params: "arguments" of tool ${quote(name)} must be an object`);
  }
  return request.server.metrics === undefined ? answer(request, entry, input) : measured(request, entry, input);
}

function answer(request: Incoming, entry: ToolEntry, input: Fields): Answer | Promise<Answer> {
  const loaded = entry.loaded.peek();
  const clients = loaded && request.server.connections.peek(loaded.connectors);
  if (loaded === undefined || clients === undefined) return prepare(request, entry, input);
  return start({ request, entry, loaded, clients }, input);
}

function measured(request: Incoming, entry: ToolEntry, input: Fields): Answer | Promise<Answer> {
  const { metrics } = request.server;
  const started = metrics?.now() ?? 0;
  const ended = (cancelled: boolean): void => {
    metrics?.called(entry.name, started);
    if (cancelled) metrics?.problem(entry.name, 'cancelled');
  };
  const answered = answer(request, entry, input);
  if (!(answered instanceof Promise)) {
    ended(false);
    return answered;
  }
  return answered.then((ready) => {
    if (ready instanceof StreamedAnswer) ready.ended.then((end) => ended(end === 'stopped'));
    else ended(ready === undefined);
    return ready;
  });
}

async function prepare(request: Incoming, entry: ToolEntry, input: Fields): Promise<Answer> {
  const waited = await waitFor(request, waitOf(request, entry), load(request, entry));
  switch (waited.type) {
    case 'cancelled':
      return undefined;
    case 'expired':
      return resultMessage(request, timedOut(request, entry));
    case 'failed':
      request.server.onEvent?.({ type: 'handler-failed', what: `tool "${entry.name}"`, error: waited.error });
      return resultMessage(request, failedResult(request, entry, 'could not be loaded; the server knows why'));
    default:
      return start(waited.value, input);
  }
}

async function load(request: Incoming, entry: ToolEntry): Promise<ToolCall> {
  const loaded = await entry.loaded.get();
  const clients = await request.server.connections.open(loaded.connectors, request.catalogue);
  return { request, entry, loaded, clients };
}

function waitOf(request: Incoming, entry: ToolEntry): Wait {
  return { what: `tool "${entry.name}"`, deadline: toolDeadline(request, entry) };
}

function start(call: ToolCall, input: Fields): Answer | Promise<Answer> {
  const issues = call.loaded.validate?.(input);
  if (issues !== undefined && issues !== true) return refuseInput(call, issues);
  if (call.loaded.parse === undefined) return run(call, input);
  return parseThenRun(call, input);
}

function parseThenRun(call: ToolCall, input: Fields): Answer | Promise<Answer> {
  try {
    const parsed = call.loaded.parse?.(input);
    if (parsed === undefined) return run(call, input);
    if (!isThenable(parsed)) return parsed.issues ? refuseInput(call, parsed.issues) : run(call, parsed.value);
    return runParsed(call, parsed);
  } catch (error) {
    return resultMessage(call.request, handlerFailed(call, error));
  }
}

async function runParsed(call: ToolCall, parsed: PromiseLike<ParseResult>): Promise<Answer> {
  const { request, entry } = call;
  const waited = await waitFor(request, waitOf(request, entry), parsed);
  switch (waited.type) {
    case 'cancelled':
      return undefined;
    case 'expired':
      return resultMessage(request, timedOut(request, entry));
    case 'failed':
      return resultMessage(request, handlerFailed(call, waited.error));
    default:
      return waited.value.issues ? refuseInput(call, waited.value.issues) : run(call, waited.value.value);
  }
}

function refuseInput(call: ToolCall, issues: readonly ValidationIssue[]): Answer {
  return resultMessage(call.request, invalidInput(call, issues));
}

function run(call: ToolCall, input: unknown): Answer | Promise<Answer> {
  const { answerFromCache } = call.loaded;
  return answerFromCache === undefined ? runAlone(call, input) : answerFromCache(call, input, runAlone);
}

function runAlone(call: ToolCall, input: unknown): Answer | Promise<Answer> {
  const { request, entry, loaded, clients } = call;
  return withAsk(request, entry.uses, (ask) => {
    const own = new Call(request, clients, ask);
    return runHandler(request, toolRun(call, own, resultMessage), () => loaded.handler(input, own));
  });
}
