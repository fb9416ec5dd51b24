import type { Completer } from '../authoring/define.ts';
import { duration } from '../calls/run-handler.ts';
import { waitFor } from '../calls/wait-for.ts';
import { type Answer, quote, refuse, resultHead } from '../protocol/answer.ts';
import type { Incoming } from '../protocol/incoming.ts';
import { type Fields, isFields } from '../protocol/message.ts';
import { DEFAULT_DEADLINE, INTERNAL_ERROR, INVALID_PARAMS } from '../protocol/protocol.ts';
import { tellingMessage } from '../protocol/telling-message.ts';

/** CompleteResult.completion.values: "Must not exceed 100 items". */
const VALUE_LIMIT = 100;

/** `completion/complete`. */
export async function complete(request: Incoming): Promise<Answer> {
  const { id, params, catalogue } = request;
  const argument = params.argument;
  if (!isFields(argument) || typeof argument.name !== 'string' || typeof argument.value !== 'string') {
    return refuse(id, 200, INVALID_PARAMS, 'Invalid params: "argument" must have a "name" and a "value"');
  }
  const what = `completion of ${quote(argument.name)}`;
  const deadline = catalogue.options.deadline ?? DEFAULT_DEADLINE;
  const controller = new AbortController();
  const work = valuesFor(request, { name: argument.name, value: argument.value, signal: controller.signal });
  const waited = await waitFor(request, { what, deadline }, work);
  controller.abort();
  switch (waited.type) {
    case 'cancelled':
      return undefined;
    case 'expired':
      return failed(request, argument.name, `timed out after ${duration(deadline)}`);
    case 'failed':
      request.server.onEvent?.({ type: 'handler-failed', what, error: waited.error });
      return failed(request, argument.name, tellingMessage(waited.error));
    default:
      return waited.value === undefined
        ? refuse(id, 200, INVALID_PARAMS, unknownReference(params.ref))
        : answer(request, waited.value);
  }
}

function answer({ id, resultTail }: Incoming, values: readonly string[]): Answer {
  const completion = {
    values: values.slice(0, VALUE_LIMIT),
    total: values.length,
    hasMore: values.length > VALUE_LIMIT,
  };
  return `${resultHead(id)}{"completion":${JSON.stringify(completion)}${resultTail}}`;
}

function failed({ id }: Incoming, name: string, state: string): Answer {
  return refuse(id, 200, INTERNAL_ERROR, `Cannot complete ${quote(name)}: ${state}`);
}

interface Completion {
  readonly name: string;
  /** What was typed so far. */
  readonly value: string;
  readonly signal: AbortSignal;
}

/** What a completer gives; `undefined` where there is no prompt or resource that it could belong to. */
async function valuesFor(
  request: Incoming,
  { name, value, signal }: Completion,
): Promise<readonly string[] | undefined> {
  const completers = await findCompleters(request);
  if (completers === undefined) return undefined;
  const completer = Object.hasOwn(completers, name) ? completers[name] : undefined;
  if (completer === undefined || signal.aborted) return [];
  const context = isFields(request.params.context) ? request.params.context.arguments : undefined;
  const values: unknown = await completer(value, { arguments: texts(context), signal });
  if (!Array.isArray(values)) throw new TypeError('the completer gave no list');
  return values.map(String);
}

type Completers = Readonly<Record<string, Completer | undefined>>;

async function findCompleters({ catalogue, params }: Incoming): Promise<Completers | undefined> {
  const ref = params.ref;
  if (!isFields(ref)) return undefined;
  if (ref.type === 'ref/prompt' && typeof ref.name === 'string') {
    const loaded = await catalogue.prompt(ref.name)?.loaded.get();
    if (loaded === undefined) return undefined;
    const entries = Object.entries(loaded.prompt.arguments ?? {}).map(([name, argument]) => [name, argument.complete]);
    return Object.fromEntries(entries);
  }
  if (ref.type !== 'ref/resource' || typeof ref.uri !== 'string') return undefined;
  const entry = catalogue.template(ref.uri) ?? catalogue.resource(ref.uri)?.entry;
  return entry === undefined ? undefined : ((await entry.loaded.get()).complete ?? {});
}

function unknownReference(ref: unknown): string {
  if (!isFields(ref)) return 'Invalid params: "ref" must be an object';
  return `Invalid params: "ref" names no prompt or resource template: ${quote(ref.name ?? ref.uri)}`;
}

function texts(value: unknown): Readonly<Record<string, string>> {
  const fields: Fields = isFields(value) ? value : {};
  const entries = Object.entries(fields).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(entries);
}
