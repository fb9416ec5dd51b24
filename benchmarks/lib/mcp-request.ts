/** Requests of MCP 2026-07-28, or of 2025-06-18 for those that go no further, as ready bytes. */

const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'benchmark', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

export interface McpCall {
  readonly method: 'tools/list' | 'tools/call';
  /** Of `tools/call`. */
  readonly tool?: string;
  readonly text?: string;
  /** Default: 2026-07-28. */
  readonly version?: '2025-06-18';
  /** The header of that name; absent by default, as clients that speak HTTP by hand have it. */
  readonly acceptEncoding?: string;
}

/** One JSON-RPC message, without a line break. */
export function writeMessage({ method, tool, text, version }: McpCall, id: number): string {
  const own = version === undefined ? { _meta: meta } : {};
  const params = method === 'tools/list' ? own : { name: tool, arguments: { text }, ...own };
  return JSON.stringify({ jsonrpc: '2.0', id, method, params });
}

/** The same as an HTTP request of a keep-alive connection. */
export function writeHttpRequest(call: McpCall, id: number): Buffer {
  const body = writeMessage(call, id);
  const head = [
    'POST /mcp HTTP/1.1',
    'Host: 127.0.0.1',
    'Content-Type: application/json',
    'Accept: application/json, text/event-stream',
    `MCP-Protocol-Version: ${call.version ?? '2026-07-28'}`,
    `Mcp-Method: ${call.method}`,
    ...(call.tool === undefined ? [] : [`Mcp-Name: ${call.tool}`]),
    ...(call.acceptEncoding === undefined ? [] : [`Accept-Encoding: ${call.acceptEncoding}`]),
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}
