import { Agent, request as httpRequest, type OutgoingHttpHeaders } from 'node:http';

/** Calls of every kind to a server of `leak-fixture.ts`, over keep-alive HTTP. */
export interface MixedCalls extends Disposable {
  /** So many calls, 16 at once. Rejects at the first answer that is not what it should be. */
  run(calls: number): Promise<void>;
  /** Begins sessions of the 2025 era that nobody ends. */
  openSessions(count: number): Promise<void>;
  /** Bytes on the server's heap after garbage collection. */
  heap(): Promise<number>;
}

const CONNECTIONS = 16;
const MODERN = '2026-07-28';
const LEGACY = '2025-06-18';
const META = {
  'io.modelcontextprotocol/protocolVersion': MODERN,
  'io.modelcontextprotocol/clientCapabilities': {},
};

interface Answer {
  readonly status: number;
  readonly session: string | undefined;
  readonly text: string;
}

export function createMixedCalls(port: number): MixedCalls {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const post = poster(port, agent);
  const kinds = callKinds(post, leaver(port));
  let made = 0;
  return {
    run: async (calls) => {
      const end = made + calls;
      const work = async (): Promise<void> => {
        while (made < end) {
          const number = made++;
          await kinds[number % kinds.length]?.(number);
        }
      };
      await Promise.all(Array.from({ length: CONNECTIONS }, work));
    },
    openSessions: async (count) => {
      for (let number = 0; number < count; number += 1) await openSession(post);
    },
    heap: async () => {
      const answer = JSON.parse((await post(...call('heap', {}))).text) as {
        readonly result: { readonly content: readonly [{ readonly text: string }] };
      };
      return Number(answer.result.content[0].text);
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}

type Post = (body: unknown, headers: OutgoingHttpHeaders, method?: 'POST' | 'DELETE') => Promise<Answer>;
type Request = readonly [body: unknown, headers: OutgoingHttpHeaders];

/** One after the other, over and over. */
function callKinds(post: Post, leave: (...request: Request) => Promise<void>): ((number: number) => Promise<void>)[] {
  const expecting = (wanted: RegExp, request: (number: number) => Request) => async (number: number) => {
    const { text } = await post(...request(number));
    if (!wanted.test(text)) throw new Error(`Expected an answer like ${wanted}: ${text.slice(0, 500)}`);
  };
  const echo = expecting(/"text":"hello \d+"/, (number) => call('echo', { text: `hello ${number}` }));
  return [
    echo,
    expecting(/"text":"hello"/, (number) => call('cached', { text: 'hello', page: number % 50 })),
    expecting(/"isError":true/, () => call('fails', {})),
    expecting(/progress.*"text":"done"/s, (number) => call('streams', {}, { progressToken: number })),
    echo,
    async () => leave(...call('slow', {})),
    expecting(/"tools":\[/, () => modern('tools/list', {})),
    expecting(/"text":"hello"/, () => call('worker', { text: 'hello' })),
    echo,
    expecting(/Unknown tool/, () => call('nobody', {})),
    expecting(/Parse error/, () => ['{"jsonrpc":', { 'mcp-protocol-version': MODERN }]),
    (number) => useSession(post, number),
  ];
}

function modern(method: string, params: object, meta: object = {}, name?: string): Request {
  const message = { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: { ...META, ...meta } } };
  const headers = { 'mcp-protocol-version': MODERN, 'mcp-method': method };
  return [message, name === undefined ? headers : { ...headers, 'mcp-name': name }];
}

function call(name: string, input: object, meta: object = {}): Request {
  return modern('tools/call', { name, arguments: input }, meta, name);
}

async function openSession(post: Post): Promise<OutgoingHttpHeaders> {
  const clientInfo = { name: 'mixed', version: '1.0.0' };
  const params = { protocolVersion: LEGACY, capabilities: { elicitation: {} }, clientInfo };
  const { session } = await post({ jsonrpc: '2.0', id: 1, method: 'initialize', params }, {});
  if (session === undefined) throw new Error('The server began no session');
  return { 'mcp-session-id': session, 'mcp-protocol-version': LEGACY };
}

async function useSession(post: Post, number: number): Promise<void> {
  const headers = await openSession(post);
  const params = { name: 'echo', arguments: { text: `hello ${number}` } };
  const { text } = await post({ jsonrpc: '2.0', id: 2, method: 'tools/call', params }, headers);
  if (!text.includes(`hello ${number}`)) throw new Error(`The session answered ${text.slice(0, 500)}`);
  await post(undefined, headers, 'DELETE');
}

function poster(port: number, agent: Agent): Post {
  return (body, headers, method = 'POST') =>
    new Promise((resolve, reject) => {
      const request = httpRequest(
        { port, agent, method, path: '/mcp', headers: { ...HEADERS, ...headers } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const session = response.headers['mcp-session-id'];
            resolve({
              status: response.statusCode ?? 0,
              session: session?.toString(),
              text: String(Buffer.concat(chunks)),
            });
          });
        },
      );
      request.on('error', reject);
      request.end(typeof body === 'object' ? JSON.stringify(body) : body);
    });
}

/** Sends a request and goes away while it runs. */
function leaver(port: number): (...request: Request) => Promise<void> {
  return (body, headers) =>
    new Promise((resolve) => {
      const request = httpRequest({ port, method: 'POST', path: '/mcp', headers: { ...HEADERS, ...headers } });
      request.on('error', () => resolve());
      request.end(JSON.stringify(body), () => setTimeout(() => request.destroy(new Error('left')), 2));
    });
}

const HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
