import { type Connector, defineConnector, defineTool } from '@mcpgen/server';
import { createServer, replaceDefinition, type ServerDefinition } from '@mcpgen/server/runtime';
import { describe, expect, it } from 'vitest';
import { running, textOf } from './running.ts';

const info = { name: 'test', version: '1.0.0' };

function recorder() {
  const log: string[] = [];
  const connector = (name: string): Connector<string> =>
    defineConnector({
      open: () => {
        log.push(`open ${name}`);
        return name;
      },
      close: () => void log.push(`close ${name}`),
    });
  return { log, connector };
}

/** A server whose tool tells its connector at once, and one whose tool does when it is told to. */
function definition(db: Connector<string>, wait: () => Promise<void> = async () => {}): ServerDefinition {
  return {
    info,
    tools: {
      now: defineTool({ connectors: ['db'], handler: (_input, { connectors }) => String(connectors.db) }),
      later: defineTool({
        connectors: ['db'],
        handler: async (_input, { connectors }) => {
          await wait();
          return String(connectors.db);
        },
      }),
    },
    connectors: { db },
  };
}

describe('connectors of a server that is replaced', () => {
  it('are closed when another of their name is open and their calls have ended', async () => {
    const { log, connector } = recorder();
    const { promise: began, resolve: begin } = Promise.withResolvers<void>();
    const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
    const wait = (): Promise<void> => {
      begin();
      return finished;
    };
    const server = createServer(definition(connector('old'), wait));
    await using it = await running(server);
    await it.call('now');
    const later = it.call('later');
    await began;
    replaceDefinition(server, definition(connector('new')));
    expect(textOf(await it.call('now'))).toBe('new');
    expect(log).toEqual(['open old', 'open new']);
    finish();
    expect(textOf(await later)).toBe('old');
    await it.call('now');
    expect(log).toEqual(['open old', 'open new', 'close old']);
  });

  it('stay open where the new server has them too', async () => {
    const { log, connector } = recorder();
    const same = connector('same');
    const server = createServer(definition(same));
    await using it = await running(server);
    await it.call('now');
    replaceDefinition(server, definition(same));
    expect(textOf(await it.call('now'))).toBe('same');
    expect(log).toEqual(['open same']);
  });

  it('are closed with the server at the latest, each once', async () => {
    const { log, connector } = recorder();
    const { promise: began, resolve: begin } = Promise.withResolvers<void>();
    const wait = (): Promise<never> => {
      begin();
      return new Promise(() => {});
    };
    const server = createServer(definition(connector('first'), wait));
    {
      await using it = await running(server);
      await it.call('now');
      it.call('later').catch(() => {});
      await began;
      replaceDefinition(server, definition(connector('second')));
      await it.call('now');
      replaceDefinition(server, { info });
    }
    expect(log.toSorted()).toEqual(['close first', 'close second', 'open first', 'open second']);
  });
});
