import type { HttpExchange } from '../http/http-exchange.ts';
import { refuseExchange } from '../http/refuse-http.ts';
import type { McpServer } from '../mcp-server.ts';
import { type Answer, quote, Refusal, refuse } from '../protocol/answer.ts';
import type { Exchange } from '../protocol/exchange.ts';
import type { Lifetime } from '../protocol/lifetime.ts';
import {
  type Fields,
  isFields,
  isNotification,
  isRequest,
  isResponse,
  type RequestMessage,
  refuseMessage,
} from '../protocol/message.ts';
import { ASSUMED_VERSION, INVALID_REQUEST } from '../protocol/protocol.ts';
import { StreamedAnswer } from '../protocol/streamed-answer.ts';
import { dispatchLegacy, newClient } from './dispatch-legacy.ts';
import { type Session, Sessions } from './sessions.ts';

const byTransport = new WeakMap<Lifetime, Sessions>();

function sessionsOf(server: McpServer, lifetime: Lifetime): Sessions {
  const sessions = byTransport.get(lifetime) ?? new Sessions(server, lifetime);
  byTransport.set(lifetime, sessions);
  return sessions;
}

/** Answers one POST of the 2025 era. */
export function answerLegacy(server: McpServer, exchange: HttpExchange, message: unknown): Answer | Promise<Answer> {
  const { headers } = exchange.request;
  const id = headers['mcp-session-id'];
  const session = typeof id === 'string' ? sessionsOf(server, exchange.lifetime).find(id, exchange.caller) : undefined;
  if (id !== undefined && session === undefined && keepsSessions(server)) {
    return refuse(undefined, 404, INVALID_REQUEST, `Session not found: ${quote(id)}`);
  }
  const version = session?.channel.client.version ?? String(headers['mcp-protocol-version'] ?? ASSUMED_VERSION);
  if (Array.isArray(message)) return answerBatch(server, exchange, session, message, version);
  if (!isFields(message)) return refuseMessage(message);
  if (isRequest(message) && message.method === 'initialize') return begin(server, exchange, message, version);
  if (session !== undefined && exchange.takesEvents) {
    exchange.ask = (question) => session.channel.ask(question, (json) => exchange.notify(json));
  }
  return answerOne(server, exchange, session, message, version);
}

/** GET opens the stream of a session, DELETE ends it. */
export function sessionRequest(server: McpServer, exchange: HttpExchange): void {
  const { request, response, caller, extraHeaders } = exchange;
  const id = request.headers['mcp-session-id'];
  const session = typeof id === 'string' ? sessionsOf(server, exchange.lifetime).find(id, caller) : undefined;
  if (session === undefined) {
    if (id === undefined) refuseExchange(exchange, 400, 'Mcp-Session-Id is missing');
    else refuseExchange(exchange, 404, 'Session not found');
    return;
  }
  if (request.method === 'DELETE') {
    sessionsOf(server, exchange.lifetime).end(session);
    response.writeHead(204, [...extraHeaders]);
    response.end();
    return;
  }
  const lastEventId = request.headers['last-event-id'];
  session.events.open(exchange, typeof lastEventId === 'string' ? lastEventId : undefined);
}

function keepsSessions({ catalogue }: McpServer): boolean {
  const { asks, subscribes } = catalogue.traits();
  return asks || subscribes;
}

function answerOne(
  server: McpServer,
  exchange: Exchange,
  session: Session | undefined,
  message: Fields,
  version: string,
): Answer | Promise<Answer> {
  if (isRequest(message)) {
    return carryOut(server, exchange, session, message, version);
  }
  if (isResponse(message)) {
    session?.channel.receive(message);
    return undefined;
  }
  if (isNotification(message)) {
    if (message.method === 'notifications/cancelled') session?.cancel(message.params?.requestId);
    return undefined;
  }
  return refuseMessage(message);
}

function begin(
  server: McpServer,
  exchange: HttpExchange,
  message: RequestMessage,
  version: string,
): Answer | Promise<Answer> {
  if (!keepsSessions(server)) return dispatchLegacy(server, message, exchange, newClient(version));
  const session = sessionsOf(server, exchange.lifetime).begin(exchange.caller);
  const answer = dispatchLegacy(server, message, exchange, session.channel.client);
  if (answer instanceof Refusal) sessionsOf(server, exchange.lifetime).end(session);
  else exchange.extraHeaders = [...exchange.extraHeaders, 'Mcp-Session-Id', session.id];
  return answer;
}

function carryOut(
  server: McpServer,
  exchange: Exchange,
  session: Session | undefined,
  message: RequestMessage,
  version: string,
): Answer | Promise<Answer> {
  if (session === undefined) return dispatchLegacy(server, message, exchange, newClient(version));
  return session.track(message.id, exchange, dispatchLegacy(server, message, exchange, session.channel.client));
}

/** Most messages of one batch. */
const BATCH_LIMIT = 100;

/** Batches existed in 2025-03-26 and before. */
async function answerBatch(
  server: McpServer,
  exchange: HttpExchange,
  session: Session | undefined,
  messages: readonly unknown[],
  version: string,
): Promise<Answer> {
  const allowed = version === '2025-03-26' || version === '2024-11-05';
  if (!allowed || messages.length === 0 || messages.length > BATCH_LIMIT) {
    const state = allowed ? `it has between 1 and ${BATCH_LIMIT} messages` : `revision ${version} has none`;
    return refuse(undefined, 400, INVALID_REQUEST, `Invalid batch: ${state}`);
  }
  const answers = await Promise.all(messages.map((message) => answerItem(server, exchange, session, message, version)));
  const texts = answers.flatMap((answer) => (answer === undefined ? [] : [textOf(answer)]));
  return texts.length === 0 ? undefined : `[${texts.join(',')}]`;
}

function answerItem(
  server: McpServer,
  exchange: HttpExchange,
  session: Session | undefined,
  message: unknown,
  version: string,
): Answer | Promise<Answer> {
  if (!isFields(message)) return refuseMessage(message);
  if (isRequest(message) && message.method === 'initialize') {
    return refuse(message.id, 400, INVALID_REQUEST, 'Invalid request: "initialize" cannot be part of a batch');
  }
  return answerOne(server, exchange.alone(), session, message, version);
}

function textOf(answer: NonNullable<Answer>): string {
  if (answer instanceof Refusal) return answer.json;
  if (answer instanceof StreamedAnswer) throw new TypeError('A message of a batch is not sent in parts');
  return typeof answer === 'string' ? answer : answer.text();
}
