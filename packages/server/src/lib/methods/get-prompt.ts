import type { Prompt } from '../authoring/define.ts';
import { Call } from '../calls/call.ts';
import { duration, runHandler } from '../calls/run-handler.ts';
import { waitFor } from '../calls/wait-for.ts';
import type { LoadedPrompt, PromptEntry } from '../catalogue/catalogue.ts';
import { type Answer, quote, refuse, resultHead } from '../protocol/answer.ts';
import type { Incoming } from '../protocol/incoming.ts';
import { type Fields, isFields } from '../protocol/message.ts';
import { DEFAULT_DEADLINE, INTERNAL_ERROR, INVALID_PARAMS } from '../protocol/protocol.ts';
import { tellingMessage } from '../protocol/telling-message.ts';
import { sizeProblem } from '../results/result-size.ts';
import { withAsk } from './ask-client.ts';

/** `prompts/get`. */
export async function getPrompt(request: Incoming): Promise<Answer> {
  const { params, catalogue, id } = request;
  const name = params.name;
  const entry = typeof name === 'string' ? catalogue.prompt(name) : undefined;
  if (entry === undefined) return refuse(id, 200, INVALID_PARAMS, `Unknown prompt: ${quote(name)}`);
  const deadline = catalogue.options.deadline ?? DEFAULT_DEADLINE;
  const prepared = await waitFor(request, { what: whatOf(entry), deadline }, prepare(request, entry));
  switch (prepared.type) {
    case 'cancelled':
      return undefined;
    case 'expired':
      return failed(request, entry, undefined, `timed out after ${duration(deadline)}`);
    case 'failed':
      return failed(request, entry, prepared.error, 'it could not be loaded; the server knows why');
    default:
      return start(request, entry, prepared.value);
  }
}

interface Prepared {
  readonly loaded: LoadedPrompt;
  readonly clients: Readonly<Record<string, unknown>>;
}

async function prepare({ server, catalogue }: Incoming, entry: PromptEntry): Promise<Prepared> {
  const loaded = await entry.loaded.get();
  return { loaded, clients: await server.connections.open(loaded.prompt.connectors, catalogue) };
}

function whatOf({ name }: PromptEntry): string {
  return `prompt "${name}"`;
}

function start(request: Incoming, entry: PromptEntry, { loaded, clients }: Prepared): Answer | Promise<Answer> {
  const { id, params } = request;
  const input = params.arguments ?? {};
  const problem = argumentProblem(loaded, input);
  if (problem !== undefined || !isFields(input)) {
    return refuse(id, 200, INVALID_PARAMS, `Invalid arguments for prompt "${entry.name}": ${problem}`);
  }
  return withAsk(request, entry.uses, (ask) =>
    run({ request, entry, prompt: loaded.prompt }, new Call(request, clients, ask), input),
  );
}

interface PromptCall {
  readonly request: Incoming;
  readonly entry: PromptEntry;
  readonly prompt: Prompt;
}

function run(promptCall: PromptCall, call: Call, input: Fields): Answer | Promise<Answer> {
  const { request, entry, prompt } = promptCall;
  const deadline = request.catalogue.options.deadline ?? DEFAULT_DEADLINE;
  const steps = {
    what: whatOf(entry),
    call,
    deadline,
    done: (value: unknown) => answer(promptCall, value),
    failed: (error: unknown) => failed(request, entry, error, tellingMessage(error)),
    timedOut: () => failed(request, entry, undefined, `timed out after ${duration(deadline)}`),
  };
  return runHandler(request, steps, () => prompt.handler(input as never, call as never));
}

/** Arguments of prompts are texts; the declared ones that are required must be there. */
function argumentProblem({ prompt, validate }: LoadedPrompt, input: unknown): string | undefined {
  if (!isFields(input)) return '"arguments" must be an object';
  const wrong = Object.keys(input).find((name) => typeof input[name] !== 'string');
  if (wrong !== undefined) return `${quote(wrong)} must be a string`;
  for (const [name, { required }] of Object.entries(prompt.arguments ?? {})) {
    if (required === true && !Object.hasOwn(input, name)) return `${quote(name)} is missing`;
  }
  const issues = validate?.(input) ?? true;
  return issues === true ? undefined : issues.map(({ path, message }) => `${path} ${message}`).join('; ');
}

function answer({ request, entry, prompt }: PromptCall, value: unknown): Answer {
  const result = promptResult(value, prompt.description);
  if (result === undefined) {
    const state = 'it gave neither text nor messages';
    return failed(request, entry, new TypeError(state), state);
  }
  try {
    const json = JSON.stringify(result);
    const problem = sizeProblem(json, request.server.resultLimit);
    if (problem !== undefined) return failed(request, entry, new RangeError(problem), problem);
    return `${resultHead(request.id)}${json.slice(0, -1)}${request.resultTail}}`;
  } catch (error) {
    return failed(request, entry, error, 'it gave messages that JSON cannot hold');
  }
}

function promptResult(value: unknown, description: string | undefined): object | undefined {
  const about = description === undefined ? {} : { description };
  if (typeof value === 'string')
    return { ...about, messages: [{ role: 'user', content: { type: 'text', text: value } }] };
  const messages = isFields(value) ? value.messages : value;
  if (!Array.isArray(messages) || !messages.every(isMessage)) return undefined;
  const own = isFields(value) ? value.description : undefined;
  return { ...(typeof own === 'string' ? { description: own } : about), messages };
}

function isMessage(item: unknown): boolean {
  return isFields(item) && (item.role === 'user' || item.role === 'assistant') && isFields(item.content);
}

function failed({ id, server }: Incoming, entry: PromptEntry, error: unknown, state: string): Answer {
  if (error !== undefined) server.onEvent?.({ type: 'handler-failed', what: whatOf(entry), error });
  return refuse(id, 200, INTERNAL_ERROR, `Cannot get prompt ${quote(entry.name)}: ${state}`);
}
