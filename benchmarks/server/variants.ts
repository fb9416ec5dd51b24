import { fileURLToPath } from 'node:url';
import { openHttpConnection } from '../lib/http-connection.ts';
import { type McpCall, writeHttpRequest } from '../lib/mcp-request.ts';
import type { HttpServerProcess, ServerCommand } from '../lib/server-process.ts';
import type { Feature, McpgenFixture } from './mcpgen-fixture.ts';

/** Who is compared: the first is the baseline. */
export const variants = ['bare', 'mcpgen', 'official'] as const;
/** Speaks no stdio, and revision 2025-06-18 at most. */
export const lightest = 'mcp-lite';
/** All that is measured by itself too: counts, a deadline that is timed, cached results, a check of credentials. */
export const allOn: readonly Feature[] = ['metrics', 'deadline', 'cache', 'authenticate'];

export const echo: McpCall = { method: 'tools/call', tool: 'echo', text: 'hello from the benchmark' };
export const list: McpCall = { method: 'tools/list' };

/** How a variant with so many tools is started. */
export function commandOf(
  variant: string,
  {
    fixture,
    tools,
    transport,
    features,
  }: {
    readonly fixture: McpgenFixture;
    readonly tools: number;
    readonly transport: 'http' | 'stdio';
    readonly features?: readonly Feature[];
  },
): ServerCommand {
  const argv =
    variant === 'mcpgen'
      ? [fixture.main(tools, features), ...(transport === 'stdio' ? ['--stdio'] : [])]
      : [fileURLToPath(new URL(`./variants/${variant}-${transport}.js`, import.meta.url))];
  return { name: `${variant} over ${transport}, ${tools} tools`, argv, env: { TOOLS: String(tools) } };
}

/** A call in the newest revision that a variant speaks. */
export function callFor(variant: string, call: McpCall): McpCall {
  return variant === lightest ? { ...call, version: '2025-06-18' } : call;
}

/** Waits until a server listens and answers; returns the body of its answer. */
export async function firstAnswer(server: HttpServerProcess, call: McpCall): Promise<string> {
  for (;;) {
    try {
      const connection = await openHttpConnection(server.port);
      const answer = String(await connection.exchange(writeHttpRequest(call, 1)));
      connection.close();
      return answer.slice(answer.indexOf('\r\n\r\n') + 4);
    } catch (error) {
      if (!isRefused(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
}

/** A baseline that did less than the protocol asks for would flatter nobody but itself. */
export function assertSameBytes(bare: string, mcpgen: string): void {
  if (bare !== mcpgen)
    throw new Error(`The bare variant must answer as ours does:\n${bare.slice(0, 500)}\n${mcpgen.slice(0, 500)}`);
}
