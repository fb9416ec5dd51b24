import type { IncomingHttpHeaders } from 'node:http';
import type { Catalogue, MirroredHeader } from '../catalogue/catalogue.ts';
import { claimedVersion } from '../methods/dispatch-modern.ts';
import { quote, type Refusal, type RequestId, refuse } from '../protocol/answer.ts';
import { type Fields, isFields, type RequestMessage } from '../protocol/message.ts';
import { HEADER_MISMATCH } from '../protocol/protocol.ts';

/** A version header that contradicts the body comes before any question about that version. */
export function checkVersionHeader({ id, params }: RequestMessage, headers: IncomingHttpHeaders): Refusal | undefined {
  const sent = headers['mcp-protocol-version'];
  const version = claimedVersion(params);
  return sent === undefined || sent === version ? undefined : mismatch(id, 'MCP-Protocol-Version', sent, version);
}

/**
 * Headers must say what the body says, so that whoever routes by them routes the request that is carried out
 * (streamable HTTP, "Server Validation").
 */
export function checkRoutingHeaders(
  { id, method, params }: RequestMessage,
  headers: IncomingHttpHeaders,
  catalogue: Catalogue,
): Refusal | undefined {
  if (headers['mcp-protocol-version'] === undefined) {
    return mismatch(id, 'MCP-Protocol-Version', undefined, claimedVersion(params));
  }
  if (headers['mcp-method'] !== method) return mismatch(id, 'Mcp-Method', headers['mcp-method'], method);
  const field = NAMED.get(method);
  if (field === undefined) return undefined;
  const named = params?.[field];
  const name = headers['mcp-name'];
  if (decode(name) !== named && (typeof named === 'string' || name !== undefined)) {
    return mismatch(id, 'Mcp-Name', name, named);
  }
  if (method !== 'tools/call' || typeof named !== 'string') return undefined;
  const mirrored = catalogue.tool(named)?.headers;
  return mirrored === undefined || mirrored.length === 0 ? undefined : checkMirrored(id, params, headers, mirrored);
}

/** Which field `Mcp-Name` mirrors. */
const NAMED: ReadonlyMap<string, 'name' | 'uri'> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
]);

function checkMirrored(
  id: RequestId,
  params: Fields | undefined,
  headers: IncomingHttpHeaders,
  mirrored: readonly MirroredHeader[],
): Refusal | undefined {
  for (const { header, path } of mirrored) {
    const value = valueAt(params?.arguments, path);
    const sent = headers[header];
    const text = typeof sent === 'string' ? sent : undefined;
    if (value === undefined || value === null ? text !== undefined : !isEqual(text, value)) {
      return mismatch(id, header, text, value);
    }
  }
  return undefined;
}

function valueAt(input: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (isFields(value) && Object.hasOwn(value, key) ? value[key] : undefined),
    input,
  );
}

function isEqual(header: string | undefined, value: unknown): boolean {
  if (header === undefined) return false;
  const text = decode(header);
  if (typeof value === 'number') return text !== undefined && DECIMAL.test(text) && Number(text) === value;
  return text === (typeof value === 'boolean' ? String(value) : value);
}

const DECIMAL = /^-?\d+(?:\.\d+)?$/;
const ENCODED = /^=\?base64\?([A-Za-z\d+/]*={0,2})\?=$/;

/** The text of a header value: as it is, or between `=?base64?` and `?=`. */
function decode(header: string | string[] | undefined): string | undefined {
  if (typeof header !== 'string') return undefined;
  if (!header.startsWith('=?base64?') || !header.endsWith('?=')) return header;
  const [, encoded] = ENCODED.exec(header) ?? [];
  if (encoded === undefined) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  return bytes.toString('base64') === encoded ? bytes.toString() : undefined;
}

function mismatch(id: RequestId, name: string, header: unknown, body: unknown): Refusal {
  const found = header === undefined ? 'is missing' : `says ${quote(header)}`;
  const said = typeof body === 'number' || typeof body === 'boolean' ? String(body) : quote(body);
  return refuse(id, 400, HEADER_MISMATCH, `Header mismatch: ${name} ${found}, the body says ${said}`);
}
