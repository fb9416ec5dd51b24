import { fileURLToPath } from 'node:url';
import { type HttpService, type McpServer, serveHttp } from '@mcpgen/server/runtime';
import { Client, StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as StdioV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport as TransportV1 } from '@modelcontextprotocol/sdk/shared/transport.js';
import { ElicitRequestSchema, LoggingMessageNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { everythingServer } from './everything.ts';

const INFO = { name: 'test', version: '1.0.0' };
const STDIO = {
  command: process.execPath,
  args: [
    '--conditions=@mcpgen/source',
    '--disable-warning=ExperimentalWarning',
    fileURLToPath(new URL('everything-stdio.ts', import.meta.url)),
  ],
};

let server: McpServer;
let service: HttpService;

beforeAll(async () => {
  server = await everythingServer();
  service = await serveHttp(server, { port: 0 });
});

afterAll(async () => {
  await service.close();
  await server.close();
});

const transports: readonly (readonly [name: string, make: () => Transport])[] = [
  ['HTTP', () => new StreamableHTTPClientTransport(new URL(service.url))],
  ['stdio', () => new StdioClientTransport(STDIO)],
];
const modes = [{ pin: '2026-07-28' }, 'auto', 'legacy'] as const;

describe.each(transports)('the official client, version 2, over %s', (_name, makeTransport) => {
  it.each(modes)('lists and calls in mode %j', async (mode) => {
    const client = await connect(makeTransport(), mode);
    expect(client.getNegotiatedProtocolVersion()).toBe(mode === 'legacy' ? '2025-11-25' : '2026-07-28');
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('test_simple_text');
    const { content } = await client.callTool({ name: 'test_simple_text', arguments: {} });
    expect(content).toEqual([{ type: 'text', text: 'This is a simple text response for testing.' }]);
    const read = await client.readResource({ uri: 'test://template/a%20b/data' });
    expect(read.contents[0]).toMatchObject({ text: expect.stringContaining('"id":"a b"') });
    const prompt = await client.getPrompt({ name: 'test_prompt_with_arguments', arguments: { arg1: 'x', arg2: 'y' } });
    expect(prompt.messages[0]?.content).toMatchObject({ text: "Prompt with arguments: arg1='x', arg2='y'" });
    await client.close();
  });

  it.each(modes)('is asked, and answers, in mode %j', async (mode) => {
    const client = await connect(makeTransport(), mode);
    const result = await client.callTool({ name: 'test_input_required_result_multi_round', arguments: {} });
    expect(result.content).toEqual([{ type: 'text', text: 'Ada likes blue' }]);
    await client.close();
  });

  it.each(modes)('sees progress in mode %j', async (mode) => {
    const client = await connect(makeTransport(), mode);
    const seen: number[] = [];
    const onprogress = ({ progress }: { progress: number }) => void seen.push(progress);
    await client.callTool({ name: 'test_tool_with_progress', arguments: {} }, { onprogress });
    expect(seen).toEqual([0, 50, 100]);
    await client.close();
  });

  it('hears that a list changed', async () => {
    const client = await connect(makeTransport(), { pin: '2026-07-28' });
    const heard = new Promise<void>((resolve) => {
      client.setNotificationHandler('notifications/tools/list_changed', () => resolve());
    });
    const subscription = await client.listen({ toolsListChanged: true });
    expect(subscription.honoredFilter).toEqual({ toolsListChanged: true });
    await client.callTool({ name: 'test_trigger_tool_change', arguments: {} });
    await heard;
    await subscription.close();
    await client.close();
  });

  it('stops a call that it no longer wants', async () => {
    const client = await connect(makeTransport(), { pin: '2026-07-28' });
    const controller = new AbortController();
    const call = client.callTool({ name: 'test_reconnection', arguments: {} }, { signal: controller.signal });
    controller.abort();
    await expect(call).rejects.toThrow();
    const { content } = await client.callTool({ name: 'test_simple_text', arguments: {} });
    expect(content).toHaveLength(1);
    await client.close();
  });
});

async function connect(transport: Transport, mode: (typeof modes)[number]): Promise<Client> {
  const client = new Client(INFO, { versionNegotiation: { mode }, capabilities: { elicitation: {} } });
  client.setRequestHandler('elicitation/create', async ({ params }) => ({
    action: 'accept',
    content: params.message.includes('name') ? { name: 'Ada' } : { color: 'blue' },
  }));
  await client.connect(transport);
  return client;
}

const transportsV1: readonly (readonly [name: string, make: () => TransportV1])[] = [
  ['HTTP', () => new HttpV1(new URL(service.url)) as TransportV1],
  ['stdio', () => new StdioV1(STDIO)],
];

describe.each(transportsV1)('the official client, version 1, over %s', (_name, makeTransport) => {
  it('lists, calls, is asked, sees logs', async () => {
    const client = new ClientV1(INFO, { capabilities: { elicitation: {} } });
    client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { name: 'Ada', color: 'red' } }));
    const logs: unknown[] = [];
    client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void logs.push(params.data));
    await client.connect(makeTransport());
    expect((await client.listTools()).tools.length).toBeGreaterThan(20);
    expect((await client.listResources()).resources).toHaveLength(3);
    expect((await client.listPrompts()).prompts).toHaveLength(5);
    const asked = await client.callTool({ name: 'test_input_required_result_multi_round', arguments: {} });
    expect(asked.content).toEqual([{ type: 'text', text: 'Ada likes red' }]);
    await client.setLoggingLevel('error');
    await client.callTool({ name: 'test_tool_with_logging', arguments: {} });
    expect(logs).toEqual([]);
    await client.setLoggingLevel('debug');
    await client.callTool({ name: 'test_tool_with_logging', arguments: {} });
    expect(logs).toEqual(['Tool execution started', 'Tool processing data', 'Tool execution completed']);
    await client.close();
  });

  it('is told when a resource changes', async () => {
    const client = new ClientV1(INFO);
    const updated = new Promise<string>((resolve) => {
      client.fallbackNotificationHandler = async ({ method }) => resolve(method);
    });
    await client.connect(makeTransport());
    await client.subscribeResource({ uri: 'test://watched-resource' });
    expect(await updated).toBe('notifications/resources/updated');
    await client.close();
  });
});
