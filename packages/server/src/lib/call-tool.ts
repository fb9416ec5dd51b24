import { type Answer, quote, refuse, resultHead } from './answer.ts';
import { withAsk } from './ask-client.ts';
import { Call } from './call.ts';
import type { LoadedTool, ToolEntry } from './catalogue.ts';
import type { Incoming } from './incoming.ts';
import { InvalidInput } from './invalid-input.ts';
import type { ValidationIssue } from './manifest.ts';
import { type Fields, isFields } from './message.ts';
import { DEFAULT_DEADLINE, DEFAULT_RESULT_LIMIT, INVALID_PARAMS } from './protocol.ts';
import { duration, isThenable, runHandler } from './run-handler.ts';
import { tellingMessage } from './telling-message.ts';
import { errorResultJson, ResultProblem, toolResultJson } from './tool-result.ts';

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
  const loaded = entry.loaded.peek();
  const clients = loaded && request.server.connections.peek(loaded.connectors);
  if (loaded === undefined || clients === undefined) return prepare(request, entry, input);
  return start({ request, entry, loaded, clients }, input);
}

interface ToolCall {
  readonly request: Incoming;
  readonly entry: ToolEntry;
  readonly loaded: LoadedTool;
  readonly clients: Readonly<Record<string, unknown>>;
}

async function prepare(request: Incoming, entry: ToolEntry, input: Fields): Promise<Answer> {
  let call: ToolCall;
  let gone = false;
  request.exchange.cancel = () => {
    gone = true;
  };
  try {
    const loaded = await entry.loaded.get();
    const clients = await request.server.connections.open(loaded.connectors, request.catalogue);
    call = { request, entry, loaded, clients };
  } catch (error) {
    request.server.onEvent?.({ type: 'handler-failed', what: `tool "${entry.name}"`, error });
    return failure(request, entry, 'could not be loaded; the server knows why');
  }
  return gone ? undefined : start(call, input);
}

function start(call: ToolCall, input: Fields): Answer | Promise<Answer> {
  const issues = call.loaded.validate?.(input);
  if (issues !== undefined && issues !== true) return invalidInput(call, issues);
  if (call.loaded.parse === undefined) return run(call, input);
  return parseThenRun(call, input);
}

function parseThenRun(call: ToolCall, input: Fields): Answer | Promise<Answer> {
  const { request, entry, loaded } = call;
  try {
    const parsed = loaded.parse?.(input);
    if (parsed === undefined) return run(call, input);
    if (!isThenable(parsed)) return parsed.issues ? invalidInput(call, parsed.issues) : run(call, parsed.value);
    return parsed.then(
      (result) => (result.issues ? invalidInput(call, result.issues) : run(call, result.value)),
      (error: unknown) => handlerFailed(request, entry, error),
    );
  } catch (error) {
    return handlerFailed(request, entry, error);
  }
}

function run(call: ToolCall, input: unknown): Answer | Promise<Answer> {
  const { request, entry, clients } = call;
  return withAsk(request, entry.uses, (ask) => execute(call, new Call(request, clients, ask), input));
}

function execute(toolCall: ToolCall, call: Call, input: unknown): Answer | Promise<Answer> {
  const { request, entry, loaded } = toolCall;
  const deadline = entry.deadline ?? request.catalogue.options.deadline ?? DEFAULT_DEADLINE;
  const steps = {
    what: `tool "${entry.name}"`,
    call,
    deadline,
    done: (value: unknown) => answer(toolCall, value),
    failed: (error: unknown) =>
      error instanceof InvalidInput ? invalidInput(toolCall, error.issues) : handlerFailed(request, entry, error),
    timedOut: () => failure(request, entry, `timed out after ${duration(deadline)}`),
  };
  return runHandler(request, steps, () => loaded.handler(input, call));
}

function answer({ request, entry, loaded }: ToolCall, value: unknown): Answer {
  const { id, resultTail, modern, server } = request;
  try {
    const problem = outputProblem(loaded, value);
    if (problem !== undefined) return failure(request, entry, problem);
    const limit = server.resultLimit ?? DEFAULT_RESULT_LIMIT;
    const { structured } = loaded;
    const json = toolResultJson(value, { tail: resultTail, structured, objectsOnly: !modern, limit });
    return `${resultHead(id)}${json}}`;
  } catch (error) {
    if (error instanceof ResultProblem) return failure(request, entry, error.message);
    return handlerFailed(request, entry, error);
  }
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

function invalidInput({ request, entry }: ToolCall, issues: readonly ValidationIssue[]): Answer {
  const text = `Invalid arguments for tool "${entry.name}": ${issueList(issues)}`;
  return `${resultHead(request.id)}${errorResultJson(text, request.resultTail)}}`;
}

const ISSUE_LIMIT = 10;

function issueList(issues: readonly ValidationIssue[]): string {
  const shown = issues
    .slice(0, ISSUE_LIMIT)
    .map(({ path, message }) => `${path === '' ? 'the value' : path} ${message}`);
  const rest = issues.length - shown.length;
  return shown.join('; ') + (rest > 0 ? `; and ${rest} more` : '');
}

function handlerFailed(request: Incoming, entry: ToolEntry, error: unknown): Answer {
  request.server.onEvent?.({ type: 'handler-failed', what: `tool "${entry.name}"`, error });
  return failure(request, entry, `failed: ${tellingMessage(error)}`);
}

function failure(request: Incoming, entry: ToolEntry, state: string): Answer {
  return `${resultHead(request.id)}${errorResultJson(`Tool "${entry.name}" ${state}`, request.resultTail)}}`;
}
