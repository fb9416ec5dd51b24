import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Answer, answer, failure, json } from './answer.ts';
import { type Fault, faultList } from './fault.ts';
import { type AuthGate, authGate, type RegistryAuth } from './registry-auth.ts';
import { type RegistryContent, registryContent } from './registry-content.ts';
import { parseRoute, registryRoutes } from './registry-routes.ts';

/** How a registry behaves. */
export interface TestRegistryOptions {
  /** @default open to all */
  readonly auth?: RegistryAuth;
  readonly faults?: readonly Fault[];
  /** Whether it has the calls for referrers; a registry without them answers 404. @default false */
  readonly referrers?: boolean;
}

/** One request, in the order of arrival. */
export interface LoggedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly authorization: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** An OCI registry in memory, on loopback. */
export interface TestRegistry extends RegistryContent, AsyncDisposable {
  /** `127.0.0.1:40123`: the first part of references. */
  readonly host: string;
  readonly url: string;
  readonly requests: readonly LoggedRequest[];
  /** `GET /v2/a/b/blobs/sha256:…` by request: a story for assertions. */
  log(): readonly string[];
  clearLog(): void;
  addFault(fault: Fault): void;
  close(): Promise<void>;
}

/**
 * Starts a registry on a free port of 127.0.0.1. It speaks the pull, push, mount and chunked upload parts of the OCI
 * distribution specification, checks digests and that a manifest's children are there, and misbehaves as told.
 *
 * @example
 * await using registry = await startRegistry({ faults: [{ kind: 'status', status: 429, headers: { 'retry-after': '1' } }] });
 */
export async function startRegistry({
  auth,
  faults = [],
  referrers = false,
}: TestRegistryOptions = {}): Promise<TestRegistry> {
  const content = registryContent();
  const pending = faultList(faults);
  const requests: LoggedRequest[] = [];
  const server = createServer();
  const host = await listen(server);
  const gate = authGate(auth, host);
  const routes = registryRoutes(content, { referrers });

  server.on('request', async (request: IncomingMessage, response: ServerResponse) => {
    const { method = 'GET', url: path = '/', headers } = request;
    requests.push({ method, path, authorization: headers.authorization, headers });
    const fault = pending.take(method, path);
    if (fault?.kind === 'cut' && fault.afterBytes === undefined) return request.socket.destroy();
    if (fault?.kind === 'hold') await fault.until;
    if (fault?.kind === 'cut-upload') {
      const part = await readBody(request, fault.afterBytes).catch(() => Buffer.alloc(0));
      respond({ method: 'PATCH', url: new URL(path, `http://${host}`), headers: {}, body: part });
      return response.destroy();
    }
    const body = await readBody(request).catch(() => undefined);
    if (body === undefined) return;
    const given = early(fault) ?? respond({ method, url: new URL(path, `http://${host}`), headers, body });
    send(response, { method, given, fault });
  });

  function respond(request: { method: string; url: URL; headers: IncomingMessage['headers']; body: Buffer }): Answer {
    const { method, url, headers, body } = request;
    if (url.pathname === '/token') return answerToken(gate, request);
    if (url.pathname === '/v2/') return gate.check(headers, { repository: '', action: 'pull' }) ?? json(200, {});
    const route = parseRoute(url.pathname);
    if (route === undefined) return failure(404, 'NOT_FOUND', 'no such route');
    const action = method === 'GET' || method === 'HEAD' ? 'pull' : 'push';
    return (
      gate.check(headers, { repository: route.repository, action }) ?? routes(route, { method, url, headers, body })
    );
  }

  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    ...content,
    host,
    url: `http://${host}`,
    requests,
    log: () => requests.map(({ method, path }) => `${method} ${path}`),
    clearLog: () => {
      requests.length = 0;
    },
    addFault: pending.add,
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Cannot start the registry: no port');
  return `127.0.0.1:${address.port}`;
}

async function readBody(request: IncomingMessage, limit = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= limit) break;
  }
  return Buffer.concat(chunks).subarray(0, limit);
}

function answerToken(
  gate: AuthGate,
  { method, url, headers, body }: { method: string; url: URL; headers: IncomingMessage['headers']; body: Buffer },
): Answer {
  return gate.issue(headers, method === 'POST' ? new URLSearchParams(body.toString('utf8')) : url.searchParams);
}

/** The answer of faults that do not let the request happen. */
function early(fault: Fault | undefined): Answer | undefined {
  if (fault?.kind === 'status') return answer(fault.status, fault.headers, Buffer.from(fault.body ?? ''));
  if (fault?.kind === 'redirect') return answer(fault.status ?? 307, { location: fault.to });
  return undefined;
}

function send(
  response: ServerResponse,
  { method, given, fault }: { method: string; given: Answer; fault: Fault | undefined },
): void {
  const { status, headers, body } = damage(given, fault);
  const shown = Object.entries(headers).filter(([, value]) => value !== '');
  const length: [string, string][] = fault?.kind === 'endless' ? [] : [['content-length', String(body.length)]];
  response.writeHead(status, Object.fromEntries([...length, ...shown]));
  if (method === 'HEAD') response.end();
  else if (fault?.kind === 'endless') sendForEver(response, body);
  else if (fault?.kind === 'cut') response.write(body.subarray(0, fault.afterBytes), () => response.socket?.destroy());
  else response.end(body);
}

function damage(given: Answer, fault: Fault | undefined): Answer {
  switch (fault?.kind) {
    case 'corrupt': {
      const body = Buffer.from(given.body);
      if (body.length > 0) body[0] = (body[0] ?? 0) ^ 0xff;
      return { ...given, body };
    }
    case 'short':
      return { ...given, body: given.body.subarray(0, fault.bytes) };
    case 'headers':
      return { ...given, headers: { ...given.headers, ...fault.headers } };
    default:
      return given;
  }
}

function sendForEver(response: ServerResponse, body: Buffer): void {
  const zeros = Buffer.alloc(64 * 1024);
  const more = (): void => {
    while (!response.destroyed && response.write(zeros));
    if (!response.destroyed) response.once('drain', more);
  };
  response.write(body);
  more();
}
