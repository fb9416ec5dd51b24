import { once } from 'node:events';
import { createServerFromManifest, type ServerEvent } from '@mcpgen/server/runtime';
import { describe, expect, it } from 'vitest';
import { builtServer } from './built-server.ts';
import { running, textOf } from './running.ts';

/** A tool that tells the process when it was loaded, how often that was tried, and whether it is to fail. */
const telling = (name: string) => ({
  source: `await (async () => {
    process.emit('loading', ${JSON.stringify(name)});
    if (globalThis.failingLoads?.delete(${JSON.stringify(name)})) throw new Error('not yet');
    return { handler: () => 'hello from ${name}' };
  })()`,
});

async function loads(count: number): Promise<readonly string[]> {
  const names: string[] = [];
  const signal = AbortSignal.timeout(5000);
  while (names.length < count) names.push(String((await once(process, 'loading', { signal }))[0]));
  return names;
}

describe('warmUp', () => {
  it('loads the tools that it names after the start, in order, and no others', async () => {
    const names = loads(2);
    await using built = await builtServer(
      { a: telling('a'), b: telling('b'), c: telling('c') },
      { options: { warmUp: ['c', 'a'] } },
    );
    await using it = await running(createServerFromManifest(built.directory));
    expect(await names).toEqual(['c', 'a']);
    const again = loads(1);
    expect(textOf(await it.call('c'))).toBe('hello from c');
    expect(textOf(await it.call('b'))).toBe('hello from b');
    expect(await again).toEqual(['b']);
  });

  it('loads all where it is true, reports a load that fails and a tool that is not there, and the call tries again', async () => {
    Reflect.set(globalThis, 'failingLoads', new Set(['x']));
    const names = loads(2);
    await using built = await builtServer({ x: telling('x'), y: telling('y') }, { options: { warmUp: true } });
    const events: ServerEvent[] = [];
    await using it = await running(
      createServerFromManifest(built.directory, {
        onEvent: (event) => events.push(event),
      }),
    );
    expect(await names).toEqual(['x', 'y']);
    expect(textOf(await it.call('x'))).toBe('hello from x');
    const reported = events.filter(({ type }) => type === 'handler-failed');
    expect(reported).toMatchObject([{ what: 'warming up tool "x"' }]);
  });

  it('shares a load with the calls that come meanwhile', async () => {
    const names = loads(1);
    await using built = await builtServer({ shared: telling('shared') }, { options: { warmUp: ['shared'] } });
    await using it = await running(createServerFromManifest(built.directory));
    const answers = await Promise.all([it.call('shared'), it.call('shared'), it.call('shared')]);
    expect(answers.map(textOf)).toEqual(Array(3).fill('hello from shared'));
    expect(await names).toEqual(['shared']);
  });
});
