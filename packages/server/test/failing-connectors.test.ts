import { defineConnector, defineTool } from '@mcpgen/server';
import { createServer, type ServerEvent } from '@mcpgen/server/runtime';
import { describe, expect, it } from 'vitest';
import { running, textOf } from './running.ts';

const info = { name: 'test', version: '1.0.0' };

/** A server with a tool whose connector opens at the attempt after so many failures, and one that needs none. */
function failing(failures: number, fail: () => unknown) {
  const state = { attempts: 0, closed: 0 };
  const events: ServerEvent[] = [];
  const db = defineConnector({
    open: async () => {
      state.attempts += 1;
      await new Promise((resolve) => setImmediate(resolve));
      if (state.attempts <= failures) throw fail();
      return `opened at attempt ${state.attempts}`;
    },
    close: () => {
      state.closed += 1;
    },
  });
  const tools = {
    ask: defineTool({ connectors: { db }, handler: (_input, { connectors }) => connectors.db }),
    echo: defineTool({ handler: () => 'hi' }),
  };
  return { state, events, server: createServer({ info, tools }, { onEvent: (event) => events.push(event) }) };
}

const refused = () => Object.assign(new Error('connect ECONNREFUSED /var/run/secret.sock'), { code: 'ECONNREFUSED' });

describe('a connector that cannot open', () => {
  it.each([
    ['an error with a path', refused],
    ['a text', () => 'no /etc/passwd today'],
    ['nothing', () => undefined],
  ])(
    'that throws %s gives its caller an error without a stack or a path, and the operator all',
    async (_what, fail) => {
      const { events, server } = failing(1, fail);
      await using it = await running(server);
      const answer = await it.call('ask');
      expect(answer.status).toBe(200);
      expect(answer.json?.result).toMatchObject({ isError: true });
      expect(textOf(answer)).toBe('Tool "ask" could not be loaded; the server knows why');
      const told = events.filter(({ type }) => type === 'handler-failed');
      expect(told).toMatchObject([{ what: 'tool "ask"' }]);
    },
  );

  it('leaves the server healthy, and is opened again with the next call', async () => {
    const { events, server, state } = failing(2, refused);
    await using it = await running(server);
    expect((await it.call('ask')).json?.result).toMatchObject({ isError: true });
    expect(textOf(await it.call('echo'))).toBe('hi');
    expect((await it.call('ask')).json?.result).toMatchObject({ isError: true });
    expect(textOf(await it.call('ask'))).toBe('opened at attempt 3');
    expect(textOf(await it.call('ask'))).toBe('opened at attempt 3');
    expect(events.filter(({ type }) => type === 'handler-failed')).toHaveLength(2);
    await server.close();
    expect(state).toEqual({ attempts: 3, closed: 1 });
  });

  it('and hangs, ends with the deadline of the call', async () => {
    const db = defineConnector({ open: () => new Promise<string>(() => {}) });
    const tools = { ask: defineTool({ connectors: { db }, deadline: 50, handler: () => 'never' }) };
    await using it = await running(createServer({ info, tools }));
    expect((await it.call('ask')).json?.result).toMatchObject({ isError: true });
  });
});
