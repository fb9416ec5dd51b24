import * as server from '@mcpgen/server';
import * as main from '@mcpgen/server/main';
import * as runtime from '@mcpgen/server/runtime';
import { describe, expect, it } from 'vitest';

describe('@mcpgen/server', () => {
  it('gives authors five functions that return what they are given', () => {
    expect(Object.keys(server).sort()).toEqual([
      'defineAuth',
      'defineConnector',
      'definePrompt',
      'defineResource',
      'defineTool',
    ]);
    const tool = { handler: () => 'ok' };
    expect(server.defineTool(tool)).toBe(tool);
  });

  it('gives programs what makes and serves a server', () => {
    expect(Object.keys(runtime).sort()).toEqual([
      'ServerError',
      'createServer',
      'createServerFromManifest',
      'manifestCatalogue',
      'readManifest',
      'replaceDefinition',
      'serveHttp',
      'serveStdio',
    ]);
  });

  it('gives built servers their start', () => {
    expect(Object.keys(main)).toEqual(['main']);
  });

  it('types a handler from the schemas and connectors of its tool', () => {
    const db = server.defineConnector({ open: () => ({ count: () => 1 }) });
    server.defineTool({
      connectors: { db },
      handler: (_input, { connectors }) => {
        const count: number = connectors.db.count();
        // @ts-expect-error no such method
        connectors.db.drop?.();
        return count;
      },
    });
    server.definePrompt({
      arguments: { who: { required: true }, why: {} },
      handler: ({ who, why }) => {
        const required: string = who;
        const optional: string | undefined = why;
        return `${required} ${optional}`;
      },
    });
    // @ts-expect-error a handler gives something back
    server.defineTool({ handler: () => undefined });
  });
});

describe('createServer', () => {
  const info = { name: 'test', version: '1.0.0' };
  const tool = { handler: () => 1 };

  it.each([
    ['a tool without a name', { tools: [tool] }, /tool 0: it has no name/],
    [
      'two tools of one name',
      {
        tools: [
          { ...tool, name: 'a' },
          { ...tool, name: 'a' },
        ],
      },
      /tool "a": two have this name/,
    ],
    ['a name with a space', { tools: { 'a b': tool } }, /tool "a b": its name has other characters/],
    ['a deadline that is none', { tools: { a: { ...tool, deadline: 'soon' } } }, /tool "a": "soon" is no duration/],
    ['a worker without a build', { tools: { a: { ...tool, run: 'worker' as const } } }, /only built tools/],
    ['a resource without an address', { resources: { a: { read: () => '' } } }, /resource "a": it needs one of/],
  ])('refuses %s', (_what, definition, says) => {
    expect(() => runtime.createServer({ info, ...definition })).toThrow(says);
    expect(() => runtime.createServer({ info, ...definition })).toThrow(
      expect.objectContaining({ code: 'DEFINITION_INVALID' }),
    );
  });
});
