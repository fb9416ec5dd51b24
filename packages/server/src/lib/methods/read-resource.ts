import type { Resource } from '../authoring/define.ts';
import { Call } from '../calls/call.ts';
import { duration, runHandler } from '../calls/run-handler.ts';
import { waitFor } from '../calls/wait-for.ts';
import type { ResourceEntry, ResourceMatch } from '../catalogue/catalogue.ts';
import { type Answer, quote, refuse, resultHead } from '../protocol/answer.ts';
import type { Incoming } from '../protocol/incoming.ts';
import { isFields } from '../protocol/message.ts';
import { DEFAULT_DEADLINE, INTERNAL_ERROR, INVALID_PARAMS, LEGACY_RESOURCE_NOT_FOUND } from '../protocol/protocol.ts';
import { tellingMessage } from '../protocol/telling-message.ts';
import { sizeProblem } from '../results/result-size.ts';
import { withAsk } from './ask-client.ts';

/** `resources/read`. */
export async function readResource(request: Incoming): Promise<Answer> {
  const { params, catalogue, id } = request;
  const uri = params.uri;
  if (typeof uri !== 'string') return refuse(id, 200, INVALID_PARAMS, 'Invalid params: "uri" must be a string');
  const match = catalogue.resource(uri);
  if (match === undefined) return notFound(request, uri);
  const deadline = catalogue.options.deadline ?? DEFAULT_DEADLINE;
  const prepared = await waitFor(request, { what: whatOf(match), deadline }, prepare(request, match));
  switch (prepared.type) {
    case 'cancelled':
      return undefined;
    case 'expired':
      return failed(request, match, uri, undefined, `timed out after ${duration(deadline)}`);
    case 'failed':
      return failed(request, match, uri, prepared.error, 'it could not be loaded; the server knows why');
    default: {
      const { resource, clients } = prepared.value;
      return withAsk(request, [], (ask) => run({ request, match, uri, resource }, new Call(request, clients, ask)));
    }
  }
}

interface Prepared {
  readonly resource: Resource;
  readonly clients: Readonly<Record<string, unknown>>;
}

async function prepare({ server, catalogue }: Incoming, { entry }: ResourceMatch): Promise<Prepared> {
  const resource = await entry.loaded.get();
  return { resource, clients: await server.connections.open(resource.connectors, catalogue) };
}

function whatOf({ entry }: ResourceMatch): string {
  return `resource "${entry.key}"`;
}

interface Reading {
  readonly request: Incoming;
  readonly match: ResourceMatch;
  readonly uri: string;
  readonly resource: Resource;
}

function run(reading: Reading, call: Call): Answer | Promise<Answer> {
  const { request, match, uri, resource } = reading;
  const deadline = request.catalogue.options.deadline ?? DEFAULT_DEADLINE;
  const steps = {
    what: whatOf(match),
    call,
    deadline,
    done: (value: unknown) => answer(reading, value),
    failed: (error: unknown) => failed(request, match, uri, error, tellingMessage(error)),
    timedOut: () => failed(request, match, uri, undefined, `timed out after ${duration(deadline)}`),
  };
  return runHandler(request, steps, () => resource.read({ uri, variables: match.variables }, call as never));
}

function answer({ request, match, uri, resource }: Reading, value: unknown): Answer {
  if (value === undefined) return notFound(request, uri);
  const contents = contentsOf(value, uri, resource.mimeType);
  if (contents === undefined) {
    const state = 'it gave neither text, bytes nor contents';
    return failed(request, match, uri, new TypeError(state), state);
  }
  try {
    const json = JSON.stringify({ contents });
    const problem = sizeProblem(json, request.server.resultLimit);
    if (problem !== undefined) return failed(request, match, uri, new RangeError(problem), problem);
    const hints = request.modern ? cacheHints(match.entry, request) : '';
    return `${resultHead(request.id)}${json.slice(0, -1)}${hints}${request.resultTail}}`;
  } catch (error) {
    return failed(request, match, uri, error, 'it gave contents that JSON cannot hold');
  }
}

function contentsOf(value: unknown, uri: string, mimeType: string | undefined): readonly unknown[] | undefined {
  const type = mimeType === undefined ? {} : { mimeType };
  if (typeof value === 'string') return [{ uri, ...type, text: value }];
  if (value instanceof Uint8Array) {
    return [{ uri, ...type, blob: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') }];
  }
  if (!isFields(value) || !Array.isArray(value.contents)) return undefined;
  return value.contents.every(isContents) ? value.contents : undefined;
}

function isContents(item: unknown): boolean {
  return (
    isFields(item) && typeof item.uri === 'string' && (typeof item.text === 'string' || typeof item.blob === 'string')
  );
}

/** Contents may depend on the caller and on the moment, so they are private and stale at once unless their author says more. */
function cacheHints({ cache }: ResourceEntry, { params }: Incoming): string {
  if (cache === undefined || params.requestState !== undefined) return ',"ttlMs":0,"cacheScope":"private"';
  return `,"ttlMs":${cache.ttl},"cacheScope":"${cache.scope === 'public' ? 'public' : 'private'}"`;
}

function notFound({ id, modern }: Incoming, uri: string): Answer {
  const code = modern ? INVALID_PARAMS : LEGACY_RESOURCE_NOT_FOUND;
  return refuse(id, 200, code, `Resource not found: ${quote(uri)}`, { uri: uri.slice(0, 256) });
}

function failed({ id, server }: Incoming, match: ResourceMatch, uri: string, error: unknown, state: string): Answer {
  if (error !== undefined) server.onEvent?.({ type: 'handler-failed', what: whatOf(match), error });
  return refuse(id, 200, INTERNAL_ERROR, `Cannot read ${quote(uri)}: ${state}`);
}
