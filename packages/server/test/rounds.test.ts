import { defineTool } from '@mcpgen/server';
import { createServer, type McpServer, type McpServerOptions } from '@mcpgen/server/runtime';
import { describe, expect, it } from 'vitest';
import { type Running, running, textOf } from './running.ts';
import type { WireAnswer } from './wire.ts';

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': { elicitation: {}, sampling: {}, roots: {} },
};
const FORM = { type: 'object', properties: { v: { type: 'string' } } };
const accept = (v: string) => ({ action: 'accept', content: { v } });

/** A tool that asks twice, and counts how often it began. */
function asking(): { readonly server: (options?: McpServerOptions) => McpServer; readonly runs: () => number } {
  let runs = 0;
  const ask = defineTool({
    uses: ['elicitation'],
    input: { type: 'object', properties: { to: { type: 'string' } } },
    handler: async (_input, { elicit }) => {
      runs++;
      const first = await elicit({ message: 'First?', requestedSchema: FORM });
      const second = await elicit({ message: `Second, after ${first.content?.v}?`, requestedSchema: FORM });
      return `${first.content?.v} ${second.content?.v}`;
    },
  });
  const info = { name: 'test', version: '1.0.0' };
  return { server: (options) => createServer({ info, tools: { ask, other: ask } }, options), runs: () => runs };
}

function ask(it: Running, more: object = {}, input: object = { to: 'me' }, tool = 'ask'): Promise<WireAnswer> {
  return it.call(tool, input, { _meta: META, ...more });
}

function stateOf({ json }: WireAnswer): string {
  return String(json?.result?.requestState);
}

describe('a tool that asks', () => {
  it('runs again from its beginning with what the client answered, and carries it along', async () => {
    const { server, runs } = asking();
    await using it = await running(server());
    const one = await ask(it);
    expect(one.json?.result).toMatchObject({
      resultType: 'input_required',
      inputRequests: { 'elicitation-1': { method: 'elicitation/create', params: { message: 'First?' } } },
    });
    const two = await ask(it, { inputResponses: { 'elicitation-1': accept('a') }, requestState: stateOf(one) });
    expect(two.json?.result?.inputRequests).toMatchObject({
      'elicitation-2': { params: { message: 'Second, after a?' } },
    });
    const three = await ask(it, { inputResponses: { 'elicitation-2': accept('b') }, requestState: stateOf(two) });
    expect(textOf(three)).toBe('a b');
    expect(runs()).toBe(3);
  });

  it.each([
    ['other arguments', { input: { to: 'you' } }],
    ['another tool', { tool: 'other' }],
  ])('refuses the state of a request with %s', async (_what, { input, tool }: { input?: object; tool?: string }) => {
    await using it = await running(asking().server());
    const requestState = stateOf(await ask(it));
    const answer = await ask(it, { requestState, inputResponses: {} }, input, tool);
    expect(answer.json?.error?.code).toBe(-32602);
  });

  it('takes the same arguments in another order', async () => {
    await using it = await running(asking().server());
    const requestState = stateOf(await ask(it, {}, { to: 'a', n: 1 }));
    const answer = await ask(it, { requestState }, { n: 1, to: 'a' });
    expect(answer.json?.error).toBeUndefined();
  });

  it('refuses a state that was changed, cut, or made with another secret', async () => {
    await using it = await running(asking().server());
    await using other = await running(asking().server({ stateSecret: 'another' }));
    const state = stateOf(await ask(it));
    const [payload = '', signature = ''] = state.split('.');
    const forged = Buffer.from(payload, 'base64url')
      .toString()
      .replace('"answers":{}', '"answers":{"elicitation-1":{}}');
    const states = [
      '',
      '.',
      payload,
      `${payload}.`,
      `${state}x`,
      `.${signature}`,
      `${Buffer.from(forged).toString('base64url')}.${signature}`,
    ];
    for (const requestState of [...states, stateOf(await ask(other))]) {
      expect((await ask(it, { requestState })).json?.error?.message).toContain('"requestState" is not valid');
    }
  });

  it('lets a state be used by servers with the same secret, until it is too old', async () => {
    let now = 0;
    const options = { stateSecret: 'shared', wallClock: () => now };
    await using one = await running(asking().server(options));
    await using two = await running(asking().server(options));
    const requestState = stateOf(await ask(one));
    const more = { requestState, inputResponses: { 'elicitation-1': accept('a') } };
    now = 15 * 60 * 1000;
    expect((await ask(two, more)).json?.result?.resultType).toBe('input_required');
    now += 1;
    expect((await ask(two, more)).json?.error?.code).toBe(-32602);
  });

  it('refuses the state of another user', async () => {
    const authenticate = ({ headers }: { headers: { authorization?: string | undefined } }) => ({
      issuer: 'https://id.example',
      subject: headers.authorization ?? 'nobody',
      scopes: [],
    });
    await using it = await running(asking().server(), { authenticate });
    const as = (authorization: string, more: object = {}) => ask(withHeaders(it, { authorization }), more);
    const requestState = stateOf(await as('alice'));
    expect((await as('alice', { requestState })).json?.result?.resultType).toBe('input_required');
    expect((await as('mallory', { requestState })).json?.error?.code).toBe(-32602);
  });

  it('says which capability a client lacks', async () => {
    await using it = await running(asking().server());
    const meta = { ...META, 'io.modelcontextprotocol/clientCapabilities': {} };
    const answer = await it.call('ask', {}, { _meta: meta });
    expect([answer.status, answer.json?.error?.code]).toEqual([400, -32021]);
    expect(answer.json?.error?.data).toEqual({ requiredCapabilities: { elicitation: {} } });
  });

  it('asks anew where an answer has another form than the question', async () => {
    await using it = await running(asking().server());
    const answer = await ask(it, { inputResponses: { 'elicitation-1': { action: 'maybe' } } });
    expect(answer.json?.result?.inputRequests).toHaveProperty('elicitation-1');
  });

  it('must say that it asks', async () => {
    const tool = defineTool({ handler: async (_input, { sample }) => String(await sample({})) });
    await using it = await running(createServer({ info: { name: 'test', version: '1' }, tools: { tool } }));
    expect(textOf(await it.call('tool', {}, { _meta: META }))).toContain('needs "sampling" in "uses"');
  });

  it('aborts the signal of a run that waits for the client', async () => {
    const { promise: aborted, resolve } = Promise.withResolvers<void>();
    const tool = defineTool({
      uses: ['roots'],
      handler: async (_input, { roots, signal }) => {
        signal.addEventListener('abort', () => resolve());
        await roots();
        return 'never';
      },
    });
    await using it = await running(createServer({ info: { name: 'test', version: '1' }, tools: { tool } }));
    expect((await it.call('tool', {}, { _meta: META })).json?.result?.resultType).toBe('input_required');
    await aborted;
  });
});

function withHeaders(it: Running, headers: Record<string, string>): Running {
  return {
    ...it,
    call: async (name, input = {}, params = {}) => {
      const { modernRequest, send } = await import('./wire.ts');
      return send(it.url, modernRequest('tools/call', { name, arguments: input, ...params }, headers));
    },
  };
}
