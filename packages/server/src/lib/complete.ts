import { type Answer, quote, refuse, resultHead } from './answer.ts';
import type { Completer } from './define.ts';
import type { Incoming } from './incoming.ts';
import { type Fields, isFields } from './message.ts';
import { INTERNAL_ERROR, INVALID_PARAMS } from './protocol.ts';
import { tellingMessage } from './telling-message.ts';

/** CompleteResult.completion.values: "Must not exceed 100 items". */
const VALUE_LIMIT = 100;

/** `completion/complete`. */
export async function complete(request: Incoming): Promise<Answer> {
  const { id, params } = request;
  const argument = params.argument;
  if (!isFields(argument) || typeof argument.name !== 'string' || typeof argument.value !== 'string') {
    return refuse(id, 200, INVALID_PARAMS, 'Invalid params: "argument" must have a "name" and a "value"');
  }
  try {
    const completers = await findCompleters(request);
    if (completers === undefined) return refuse(id, 200, INVALID_PARAMS, unknownReference(params.ref));
    const completer = Object.hasOwn(completers, argument.name) ? completers[argument.name] : undefined;
    const values = completer === undefined ? [] : await run(request, completer, argument.value);
    const completion = {
      values: values.slice(0, VALUE_LIMIT),
      total: values.length,
      hasMore: values.length > VALUE_LIMIT,
    };
    return `${resultHead(id)}{"completion":${JSON.stringify(completion)}${request.resultTail}}`;
  } catch (error) {
    request.server.onEvent?.({ type: 'handler-failed', what: `completion of ${quote(argument.name)}`, error });
    return refuse(id, 200, INTERNAL_ERROR, `Cannot complete ${quote(argument.name)}: ${tellingMessage(error)}`);
  }
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

async function run({ params, exchange }: Incoming, completer: Completer, value: string): Promise<readonly string[]> {
  const controller = new AbortController();
  exchange.cancel = () => controller.abort();
  const context = isFields(params.context) ? params.context.arguments : undefined;
  const values: unknown = await completer(value, { arguments: texts(context), signal: controller.signal });
  exchange.cancel = undefined;
  if (!Array.isArray(values)) throw new TypeError('the completer gave no list');
  return values.map(String);
}

function texts(value: unknown): Readonly<Record<string, string>> {
  const fields: Fields = isFields(value) ? value : {};
  const entries = Object.entries(fields).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(entries);
}
