import { PassThrough } from 'node:stream';
import {
  type AnyTool,
  createServer,
  type McpServerOptions,
  replaceDefinition,
  type ServerEvent,
  serveStdio,
} from '@mcpgen/server/runtime';
import { describe, expect, it } from 'vitest';
import { byHeader, cachedTool, info, serve, textFor } from './cached-tool.ts';
import { textOf } from './running.ts';
import { META, modernMessage, type WireMessage } from './wire.ts';

/** Two streams, so that messages arrive in the order in which they are sent. */
function overStdio(tools: Readonly<Record<string, AnyTool>>, options: McpServerOptions = {}) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const server = createServer({ info, tools }, options);
  const service = serveStdio(server, { input, output });
  const answers = new Map<unknown, PromiseWithResolvers<WireMessage>>();
  const answer = (id: unknown): PromiseWithResolvers<WireMessage> => {
    const known = answers.get(id) ?? Promise.withResolvers<WireMessage>();
    answers.set(id, known);
    return known;
  };
  let text = '';
  output.on('data', (chunk: Buffer) => {
    const lines = (text + chunk).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const message = JSON.parse(line) as WireMessage;
      answer(message.id).resolve(message);
    }
  });
  return {
    answers,
    answer: (id: number) => answer(id).promise,
    call: (id: number, params: object = {}) =>
      input.write(`${JSON.stringify(modernMessage('tools/call', { name: 'tool', arguments: {}, ...params }, id))}\n`),
    cancel: (requestId: number) => {
      const params = { requestId, _meta: META };
      input.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params })}\n`);
    },
    async [Symbol.asyncDispose]() {
      await service.close({ timeout: 0 });
      await server.close();
    },
  };
}

describe('calls of a cached tool at the same time', () => {
  /** Waits in its handler until it is told to answer. */
  function slowTool(more: Partial<AnyTool> = {}) {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { promise: aborted, resolve: abort } = Promise.withResolvers<void>();
    const cached = cachedTool(more, async (_input, { signal, progress }, run) => {
      signal.addEventListener('abort', () => abort());
      await released;
      progress(1);
      return `run ${run}`;
    });
    return { ...cached, release, aborted };
  }

  /** Answers when all that was sent before it has been received. */
  const ping: AnyTool = { handler: () => 'pong' };

  it('share one run', async () => {
    const { tool, began, release, runs } = slowTool();
    await using it = overStdio({ tool, ping });
    for (const id of [1, 2, 3]) it.call(id);
    await began;
    it.call(4);
    it.call(5, { name: 'ping' });
    await it.answer(5);
    release();
    const answers = await Promise.all([1, 2, 3, 4].map(it.answer));
    expect(answers.map(({ id, result }) => [id, result?.content])).toEqual(
      [1, 2, 3, 4].map((id) => [id, [{ type: 'text', text: 'run 1' }]]),
    );
    expect(runs()).toBe(1);
  });

  it('take nothing from each other by leaving, whoever began', async () => {
    const { tool, began, release, aborted, runs } = slowTool();
    let stopped = false;
    aborted.then(() => {
      stopped = true;
    });
    await using it = overStdio({ tool, ping });
    const _meta = { ...META, progressToken: 'p' };
    for (const id of [1, 2, 3]) it.call(id, { _meta });
    await began;
    it.cancel(1);
    it.cancel(3);
    it.call(4, { name: 'ping' });
    await it.answer(4);
    expect(stopped).toBe(false);
    release();
    expect((await it.answer(2)).result?.content).toEqual([{ type: 'text', text: 'run 1' }]);
    expect([...it.answers.keys()].sort()).toEqual([2, 4]); // no progress for the one who left
    expect(runs()).toBe(1);
  });

  it('stop the run when the last of them leaves, and whoever comes then begins another', async () => {
    const { tool, began, release, aborted, runs } = slowTool();
    const events: ServerEvent[] = [];
    await using it = overStdio({ tool }, { onEvent: (event) => events.push(event) });
    it.call(1);
    it.call(2);
    await began;
    it.cancel(1);
    it.cancel(2);
    await aborted;
    it.call(3);
    release();
    expect((await it.answer(3)).result?.content).toEqual([{ type: 'text', text: 'run 2' }]);
    expect(runs()).toBe(2);
    expect(events).toEqual([]);
  });

  it('share a failure, which is told to the operator once', async () => {
    const { promise: failing, reject: fail } = Promise.withResolvers<string>();
    const { tool, began, runs } = cachedTool({}, () => failing);
    const events: ServerEvent[] = [];
    await using it = overStdio({ tool, ping }, { onEvent: (event) => events.push(event) });
    it.call(1);
    it.call(2);
    await began;
    it.call(3, { name: 'ping' });
    await it.answer(3);
    fail(new Error('down'));
    const text = 'Tool "tool" failed: down';
    for (const id of [1, 2]) expect((await it.answer(id)).result).toMatchObject({ content: [{ text }], isError: true });
    expect(runs()).toBe(1);
    expect(events.map(({ type }) => type)).toEqual(['handler-failed']);
  });

  it('do not share a run between callers', async () => {
    const { tool, began, release, runs } = slowTool();
    await using it = await serve(tool, {}, byHeader);
    const both = Promise.all([textFor(it, { subject: 'ann' }), textFor(it, { subject: 'bob' })]);
    await began;
    release();
    expect((await both).sort()).toEqual(['run 1', 'run 2']);
    expect(runs()).toBe(2);
  });
});

describe('a server that is replaced', () => {
  it('drops the results of the tools before', async () => {
    const [before, after] = [cachedTool({}, () => 'before'), cachedTool({}, () => 'after')];
    await using it = await serve(before.tool);
    expect(textOf(await it.call('tool'))).toBe('before');
    replaceDefinition(it.server, { info, tools: { tool: after.tool } });
    expect(textOf(await it.call('tool'))).toBe('after');
    replaceDefinition(it.server, { info, tools: { tool: before.tool } });
    expect(textOf(await it.call('tool'))).toBe('before');
    expect(before.runs()).toBe(2);
  });

  it('does not let a run of the tools before answer for those after', async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<string>();
    const [before, after] = [cachedTool({}, () => released), cachedTool({}, () => 'after')];
    await using it = await serve(before.tool);
    const running = it.call('tool');
    await before.began;
    replaceDefinition(it.server, { info, tools: { tool: after.tool } });
    expect(textOf(await it.call('tool'))).toBe('after');
    release('before');
    expect(textOf(await running)).toBe('before');
    expect(textOf(await it.call('tool'))).toBe('after');
  });
});
