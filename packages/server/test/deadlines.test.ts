import { defineConnector, definePrompt, defineResource, defineTool } from '@mcpgen/server';
import { createServer, type ServerEvent } from '@mcpgen/server/runtime';
import { describe, expect, it } from 'vitest';
import { running, textOf } from './running.ts';
import { modernRequest, send } from './wire.ts';

const info = { name: 'test', version: '1.0.0' };
const never = (): Promise<never> => new Promise(() => {});
const options = { deadline: 50 };

describe('a connector that never opens', () => {
  const connectors = { stuck: defineConnector({ open: never }) };
  const server = () =>
    createServer({
      info,
      options,
      tools: { it: defineTool({ connectors, deadline: '20ms', handler: () => 1 }) },
      resources: { it: defineResource({ uri: 'it://it', connectors, read: () => '' }) },
      prompts: { it: definePrompt({ connectors, handler: () => '' }) },
    });

  it('keeps nobody waiting for a tool', async () => {
    await using it = await running(server());
    expect(textOf(await it.call('it'))).toBe('Tool "it" timed out after 20 ms');
  });

  it.each([
    ['resource', modernRequest('resources/read', { uri: 'it://it' }), 'Cannot read "it://it": timed out after 50 ms'],
    ['prompt', modernRequest('prompts/get', { name: 'it' }), 'Cannot get prompt "it": timed out after 50 ms'],
  ])('keeps nobody waiting for a %s', async (_kind, request, message) => {
    await using it = await running(server());
    expect((await send(it.url, request)).json?.error).toEqual({ code: -32603, message });
  });
});

describe('a connector that fails after the deadline', () => {
  it('is told to the operator', async () => {
    const { promise: told, resolve: tell } = Promise.withResolvers<ServerEvent>();
    const { promise: opened, reject: fail } = Promise.withResolvers<never>();
    const connectors = { late: defineConnector({ open: () => opened }) };
    const tools = { it: defineTool({ connectors, deadline: 20, handler: () => 1 }) };
    await using it = await running(
      createServer({ info, tools }, { onEvent: (event) => event.type === 'late-failure' && tell(event) }),
    );
    await it.call('it');
    const error = new Error('too late');
    fail(error);
    expect(await told).toEqual({ type: 'late-failure', what: 'tool "it"', error });
  });
});

describe('a schema that never answers', () => {
  it('keeps nobody waiting', async () => {
    const input = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: never,
        jsonSchema: { input: () => ({ type: 'object' }), output: () => ({ type: 'object' }) },
      },
    };
    const tool = defineTool({ input: input as never, handler: () => 1 });
    await using it = await running(createServer({ info, options, tools: { tool } }));
    expect(textOf(await it.call('tool'))).toBe('Tool "tool" timed out after 50 ms');
  });
});

describe('a completer that never answers', () => {
  it('keeps nobody waiting, and is told to stop', async () => {
    const { promise: aborted, resolve: abort } = Promise.withResolvers<void>();
    const complete = (_value: string, { signal }: { signal: AbortSignal }): Promise<never> => {
      signal.addEventListener('abort', () => abort());
      return never();
    };
    const prompts = { it: definePrompt({ arguments: { city: { complete } }, handler: () => '' }) };
    await using it = await running(createServer({ info, options, prompts }));
    const answer = await send(
      it.url,
      modernRequest(
        'completion/complete',
        {
          ref: { type: 'ref/prompt', name: 'it' },
          argument: { name: 'city', value: 'B' },
        },
        { 'mcp-name': undefined },
      ),
    );
    expect(answer.json?.error?.message).toBe('Cannot complete "city": timed out after 50 ms');
    await aborted;
  });
});

describe('a deadline that no timer can wait for', () => {
  it.each([
    ['tool', () => createServer({ info, tools: { it: { deadline: '30d', handler: () => 1 } } })],
    ['server', () => createServer({ info, options: { deadline: 2 ** 31 } })],
  ])('is refused for a %s', (_what, create) => {
    expect(create).toThrow(/is longer than 24\.8 days$/);
  });
});

describe('a result past the limit', () => {
  const large = 'x'.repeat(2 * 1024 * 1024);

  it.each([
    ['text of a resource', 'resources/read', { uri: 'it://text' }, 'Cannot read "it://text"'],
    ['bytes of a resource', 'resources/read', { uri: 'it://bytes' }, 'Cannot read "it://bytes"'],
    ['text of a prompt', 'prompts/get', { name: 'it' }, 'Cannot get prompt "it"'],
  ])('is not sent: %s', async (_what, method, params, action) => {
    const resources = {
      text: defineResource({ uri: 'it://text', read: () => large }),
      bytes: defineResource({ uri: 'it://bytes', read: () => Buffer.from(large) }),
    };
    const prompts = { it: definePrompt({ handler: () => large }) };
    await using it = await running(createServer({ info, resources, prompts }, { resultLimit: 1024 * 1024 }));
    const answer = await send(it.url, modernRequest(method, params));
    expect(answer.json?.error?.code).toBe(-32603);
    expect(answer.json?.error?.message).toMatch(new RegExp(`^${action}: result of [\\d.]+ MB exceeds 1 MB$`));
  });
});
