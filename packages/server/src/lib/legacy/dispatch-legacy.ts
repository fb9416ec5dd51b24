import { isLogLevel } from '../calls/call.ts';
import type { McpServer } from '../mcp-server.ts';
import { callTool } from '../methods/call-tool.ts';
import { complete } from '../methods/complete.ts';
import { isOffered, list, unknownMethod } from '../methods/dispatch-modern.ts';
import { getPrompt } from '../methods/get-prompt.ts';
import { readResource } from '../methods/read-resource.ts';
import { runMethod } from '../methods/run-method.ts';
import { type Answer, quote, refuse, resultHead } from '../protocol/answer.ts';
import type { Exchange } from '../protocol/exchange.ts';
import type { Incoming } from '../protocol/incoming.ts';
import { type Fields, isFields, type RequestMessage } from '../protocol/message.ts';
import { INVALID_PARAMS, LEGACY_VERSIONS } from '../protocol/protocol.ts';

/** What the 2025 era remembers of a client between its requests. */
export interface LegacyClient {
  version: string;
  /** `ClientCapabilities` of its `initialize`. */
  capabilities: Fields;
  logLevel: string;
  /** Absent where there is no stream that could carry notifications. */
  readonly subscriptions?: Subscriptions | undefined;
}

export interface Subscriptions {
  /** False where the resource cannot be watched. */
  subscribe(uri: string): boolean;
  unsubscribe(uri: string): void;
}

/** A client that said nothing about itself yet. Log messages reach it from `info` on until it sets a level. */
export function newClient(version: string, subscriptions?: Subscriptions): LegacyClient {
  return { version, capabilities: {}, logLevel: 'info', subscriptions };
}

type Method = (request: Incoming, client: LegacyClient) => Answer | Promise<Answer>;

const METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['initialize', initialize],
  ['ping', empty],
  ['tools/list', (request) => list(request, 'tools', false)],
  ['tools/call', callTool],
  ['resources/list', (request) => list(request, 'resources', false)],
  ['resources/templates/list', (request) => list(request, 'resourceTemplates', false)],
  ['resources/read', readResource],
  ['resources/subscribe', subscribe],
  ['resources/unsubscribe', unsubscribe],
  ['prompts/list', (request) => list(request, 'prompts', false)],
  ['prompts/get', getPrompt],
  ['completion/complete', complete],
  ['logging/setLevel', setLevel],
]);

/** Carries out a request of the revisions that begin with `initialize`. */
export function dispatchLegacy(
  server: McpServer,
  { id, method, params = {} }: RequestMessage,
  exchange: Exchange,
  client: LegacyClient,
): Answer | Promise<Answer> {
  const run = METHODS.get(method);
  if (run === undefined || !isOffered(server, method)) return unknownMethod(id, method);
  const meta = params._meta;
  const request: Incoming = {
    server,
    catalogue: server.catalogue,
    exchange,
    id,
    method,
    params,
    meta: isFields(meta) ? meta : {},
    version: client.version,
    modern: false,
    resultTail: '}',
    capabilities: client.capabilities,
    logLevel: client.logLevel,
  };
  return runMethod(request, () => run(request, client));
}

function initialize({ id, params, server, catalogue }: Incoming, client: LegacyClient): Answer {
  const { protocolVersion, capabilities } = params;
  if (typeof protocolVersion !== 'string') {
    return refuse(id, 200, INVALID_PARAMS, 'Invalid params: "protocolVersion" must be a string');
  }
  const known: readonly string[] = LEGACY_VERSIONS;
  client.version = known.includes(protocolVersion) ? protocolVersion : LEGACY_VERSIONS[0];
  client.capabilities = isFields(capabilities) ? capabilities : {};
  const { info, instructions } = catalogue;
  const result = {
    protocolVersion: client.version,
    capabilities: legacyCapabilities(server, client),
    serverInfo: info,
    ...(instructions === undefined ? {} : { instructions }),
  };
  return `${resultHead(id)}${JSON.stringify(result)}}`;
}

/** Without a stream to the client nothing can be announced to it, so nothing is promised. */
function legacyCapabilities(server: McpServer, { subscriptions }: LegacyClient): object {
  const capabilities = server.answers.capabilities();
  if (subscriptions !== undefined) return capabilities;
  return Object.fromEntries(Object.keys(capabilities).map((name) => [name, {}]));
}

function empty({ id }: Incoming): Answer {
  return `${resultHead(id)}{}}`;
}

function setLevel(request: Incoming, client: LegacyClient): Answer {
  const { level } = request.params;
  if (!isLogLevel(level))
    return refuse(request.id, 200, INVALID_PARAMS, `Invalid params: unknown log level ${quote(level)}`);
  client.logLevel = level;
  return empty(request);
}

function subscribe(request: Incoming, { subscriptions }: LegacyClient): Answer {
  const { uri } = request.params;
  if (typeof uri !== 'string') return refuse(request.id, 200, INVALID_PARAMS, 'Invalid params: "uri" must be a string');
  if (subscriptions === undefined) return unknownMethod(request.id, request.method);
  if (subscriptions.subscribe(uri)) return empty(request);
  return refuse(
    request.id,
    200,
    INVALID_PARAMS,
    `Cannot subscribe to ${quote(uri)}: it is no resource that can be watched`,
  );
}

function unsubscribe(request: Incoming, { subscriptions }: LegacyClient): Answer {
  const { uri } = request.params;
  if (typeof uri !== 'string') return refuse(request.id, 200, INVALID_PARAMS, 'Invalid params: "uri" must be a string');
  subscriptions?.unsubscribe(uri);
  return empty(request);
}
