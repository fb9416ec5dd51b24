import { isLogLevel } from '../calls/call.ts';
import type { ListKind } from '../catalogue/catalogue.ts';
import type { McpServer } from '../mcp-server.ts';
import { type Answer, quote, type Refusal, refuse } from '../protocol/answer.ts';
import type { Exchange } from '../protocol/exchange.ts';
import type { Incoming } from '../protocol/incoming.ts';
import { type Fields, isFields, type RequestMessage } from '../protocol/message.ts';
import {
  CLIENT_CAPABILITIES_KEY,
  CLIENT_INFO_KEY,
  INVALID_PARAMS,
  LOG_LEVEL_KEY,
  METHOD_NOT_FOUND,
  MODERN_VERSION,
  MODERN_VERSIONS,
  PROTOCOL_VERSION_KEY,
  UNSUPPORTED_VERSION,
} from '../protocol/protocol.ts';
import { callTool } from './call-tool.ts';
import { runMethod } from './run-method.ts';

type Method = (request: Incoming) => Answer | Promise<Answer>;

/** The methods of revision 2026-07-28. The rare ones bring their code when they are first called. */
const METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['server/discover', ({ server, id }) => server.answers.discover.message(id)],
  ['tools/list', (request) => list(request, 'tools', true)],
  ['tools/call', callTool],
  ['resources/list', (request) => list(request, 'resources', true)],
  ['resources/templates/list', (request) => list(request, 'resourceTemplates', true)],
  ['resources/read', async (request) => (await import('../rare-features.ts')).readResource(request)],
  ['prompts/list', (request) => list(request, 'prompts', true)],
  ['prompts/get', async (request) => (await import('../rare-features.ts')).getPrompt(request)],
  ['completion/complete', async (request) => (await import('../rare-features.ts')).complete(request)],
  ['subscriptions/listen', async (request) => (await import('../rare-features.ts')).listen(request)],
]);

/** Whether a message speaks revision 2026-07-28 or tries to: its `_meta` names a protocol version. */
export function claimsModern(params: Fields | undefined): boolean {
  return claimedVersion(params) !== undefined;
}

/** What is wrong with a request's `_meta` or its version, or nothing. */
export function checkEnvelope(message: RequestMessage): Refusal | undefined {
  return checkMeta(message) ?? checkVersion(message);
}

export function checkVersion({ id, params }: RequestMessage): Refusal | undefined {
  const version = claimedVersion(params);
  return version === MODERN_VERSION ? undefined : unsupportedVersion(id, String(version));
}

/** The protocol version that a request names. */
export function claimedVersion(params: Fields | undefined): unknown {
  return fieldsOf(params?._meta)[PROTOCOL_VERSION_KEY];
}

export function checkMeta({ id, params }: RequestMessage): Refusal | undefined {
  const meta = params?._meta;
  if (!isFields(meta)) {
    return refuse(
      id,
      400,
      INVALID_PARAMS,
      'Invalid params: "_meta" must be an object with the protocol version and client capabilities',
    );
  }
  const version = meta[PROTOCOL_VERSION_KEY];
  if (typeof version !== 'string') return refuseMeta(id, PROTOCOL_VERSION_KEY, 'must be a string');
  if (!isFields(meta[CLIENT_CAPABILITIES_KEY])) return refuseMeta(id, CLIENT_CAPABILITIES_KEY, 'must be an object');
  const info = meta[CLIENT_INFO_KEY];
  if (info !== undefined && !isImplementation(info)) {
    return refuseMeta(id, CLIENT_INFO_KEY, 'must be an object with "name" and "version"');
  }
  const level = meta[LOG_LEVEL_KEY];
  if (level !== undefined && !isLogLevel(level)) return refuseMeta(id, LOG_LEVEL_KEY, 'must be a log level');
  if (!isProgressToken(meta.progressToken)) return refuseMeta(id, 'progressToken', 'must be a string or an integer');
  return undefined;
}

export function unsupportedVersion(id: RequestMessage['id'] | undefined, requested: string): Refusal {
  const shown = requested.slice(0, 64);
  return refuse(id, 400, UNSUPPORTED_VERSION, `Unsupported protocol version: ${quote(requested)}`, {
    supported: MODERN_VERSIONS,
    requested: shown,
  });
}

/** Carries out a request whose envelope was checked. */
export function dispatchModern(
  server: McpServer,
  { id, method, params = {} }: RequestMessage,
  exchange: Exchange,
): Answer | Promise<Answer> {
  const run = METHODS.get(method);
  const { catalogue } = server;
  if (run === undefined || !isOffered(server, method)) return unknownMethod(id, method);
  const meta = fieldsOf(params._meta);
  const logLevel = meta[LOG_LEVEL_KEY];
  const request: Incoming = {
    server,
    catalogue,
    exchange,
    id,
    method,
    params,
    meta,
    version: MODERN_VERSION,
    modern: true,
    resultTail: server.answers.tail,
    capabilities: fieldsOf(meta[CLIENT_CAPABILITIES_KEY]),
    logLevel: typeof logLevel === 'string' ? logLevel : undefined,
  };
  return runMethod(request, run);
}

export function unknownMethod(id: RequestMessage['id'], method: string): Refusal {
  return refuse(id, 404, METHOD_NOT_FOUND, `Method not found: ${quote(method)}`);
}

/** A method behind a capability that the server does not have is no method of this server. */
export function isOffered({ catalogue }: McpServer, method: string): boolean {
  const { offers } = catalogue;
  switch (method.slice(0, method.indexOf('/'))) {
    case 'tools':
      return offers.tools;
    case 'resources':
      return offers.resources || offers.resourceTemplates;
    case 'prompts':
      return offers.prompts;
    case 'completion':
      return catalogue.traits().completes;
    default:
      return true;
  }
}

/** One page of a list, in the same turn once the list was read. */
export function list(request: Incoming, kind: ListKind, modern: boolean): Answer | Promise<Answer> {
  const { id, params, server } = request;
  const cursor = params.cursor;
  const pages = server.answers.list(kind, modern);
  const pick = (ready: NonNullable<ReturnType<typeof pages.peek>>): Answer => {
    const page = cursor === undefined || typeof cursor === 'string' ? ready.get(cursor) : undefined;
    return page?.message(id) ?? refuse(id, 200, INVALID_PARAMS, `Invalid params: unknown cursor ${quote(cursor)}`);
  };
  const ready = pages.peek();
  return ready === undefined ? pages.get().then(pick) : pick(ready);
}

function refuseMeta(id: RequestMessage['id'], key: string, state: string): Refusal {
  return refuse(id, 400, INVALID_PARAMS, `Invalid params: "_meta" field "${key}" ${state}`);
}

function isImplementation(value: unknown): boolean {
  return isFields(value) && typeof value.name === 'string' && typeof value.version === 'string';
}

function isProgressToken(value: unknown): boolean {
  return value === undefined || typeof value === 'string' || Number.isSafeInteger(value);
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}
