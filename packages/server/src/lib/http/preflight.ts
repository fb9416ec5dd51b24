import type { IncomingMessage, ServerResponse } from 'node:http';

const ALLOWED =
  'Authorization, Content-Type, Mcp-Protocol-Version, Mcp-Method, Mcp-Name, Mcp-Session-Id, Last-Event-ID';

/**
 * Answers a browser that asks whether it may send a request. Which arguments are mirrored in headers depends on the tool,
 * so those are allowed that are asked for.
 */
export function preflight({ headers }: IncomingMessage, response: ServerResponse, cors: readonly string[]): void {
  const asked = headers['access-control-request-headers'] ?? '';
  const mirrored = asked.split(',').filter((name) => /^\s*mcp-param-[\w-]+\s*$/i.test(name));
  response.writeHead(204, [
    ...cors,
    'Access-Control-Allow-Methods',
    'POST, GET, DELETE',
    'Access-Control-Allow-Headers',
    [ALLOWED, ...mirrored.map((name) => name.trim())].join(', '),
    'Access-Control-Max-Age',
    '600',
  ]);
  response.end();
}
