import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type BuiltServer, builtServer, serverFiles } from './built-server.ts';
import { modernMessage, modernRequest, send, type WireMessage } from './wire.ts';

const MAIN = fileURLToPath(new URL('main-process.ts', import.meta.url));
const ECHO = { source: '{ handler: ({ text }) => text }' };
const HANG = { source: '{ handler: () => new Promise(() => {}) }' };

/** A process that runs `main`, with what it says. */
class MainProcess implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  errors = '';
  readonly #lines: Interface;

  constructor({ directory }: BuiltServer, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const flags = ['--conditions=@mcpgen/source', '--disable-warning=ExperimentalWarning'];
    this.child = spawn(process.execPath, [...flags, MAIN, directory.href, ...args], {
      env: { PATH: process.env.PATH, PORT: '0', ...env },
      stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
    });
    this.exited = once(this.child, 'exit').then(([code]) => code as number | null);
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.errors += chunk.toString();
    });
    if (this.child.stdout === null) throw new Error('stdout is not piped');
    this.#lines = createInterface({ input: this.child.stdout });
  }

  /** The URL that it says it serves. */
  async url(): Promise<string> {
    return this.said(/http:\S+/);
  }

  /** Waits until stderr says it. */
  async said(what: RegExp): Promise<string> {
    for (;;) {
      const [found] = what.exec(this.errors) ?? [];
      if (found !== undefined) return found;
      if (this.child.stderr === null) throw new Error('stderr is not piped');
      await once(this.child.stderr, 'data');
    }
  }

  say(...messages: readonly object[]): void {
    this.child.stdin?.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
  }

  async hear(): Promise<WireMessage> {
    const [line] = await once(this.#lines, 'line');
    return JSON.parse(String(line)) as WireMessage;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }
}

const call = (name: string, input: object = {}): Parameters<typeof send>[1] =>
  modernRequest('tools/call', { name, arguments: input });
const callMessage = (name: string, input: object = {}, id: unknown = 1): object =>
  modernMessage('tools/call', { name, arguments: input }, id);

describe('main over HTTP', () => {
  it('serves a built directory, and ends with 0 when it is told to stop', async () => {
    await using built = await builtServer({ echo: ECHO });
    await using main = new MainProcess(built, []);
    const answer = await send(await main.url(), call('echo', { text: 'hi' }));
    expect(answer.json?.result).toMatchObject({ content: [{ type: 'text', text: 'hi' }] });
    main.child.kill('SIGTERM');
    expect(await main.exited).toBe(0);
  });

  it('goes on, idle, when whoever read its log has left', async () => {
    await using built = await builtServer({
      echo: ECHO,
      fails: { source: '{ handler: () => { throw new Error("x"); } }' },
    });
    await using main = new MainProcess(built, []);
    const url = await main.url();
    main.child.stderr?.destroy();
    await send(url, call('fails'));
    await send(url, call('fails'));
    const spent = async (): Promise<number> =>
      Number((await readFile(`/proc/${main.child.pid}/stat`, 'utf8')).split(' ')[13]);
    const before = await spent();
    for (let i = 0; i < 20; i++) await send(url, call('echo', { text: 'hi' }));
    // Clock ticks of 10 ms: a log that fails and tells of its failure never comes to rest.
    expect((await spent()) - before).toBeLessThan(50);
    main.child.kill('SIGTERM');
    expect(await main.exited).toBe(0);
  });

  it('lets a running call end before it stops', async () => {
    await using built = await builtServer({
      slow: {
        source:
          '{ handler: async () => { process.stderr.write("began\\n"); await new Promise((r) => setTimeout(r, 300)); return "done"; } }',
      },
    });
    await using main = new MainProcess(built, []);
    const answer = send(await main.url(), call('slow'));
    await main.said(/began/);
    main.child.kill('SIGTERM');
    expect((await answer).json?.result).toMatchObject({ content: [{ text: 'done' }] });
    expect(await main.exited).toBe(0);
  });

  it('stops at once at the second signal', async () => {
    await using built = await builtServer({
      hang: { source: '{ handler: () => { process.stderr.write("began\\n"); return new Promise(() => {}); } }' },
    });
    await using main = new MainProcess(built, []);
    const answer = send(await main.url(), call('hang')).catch(() => 'cut');
    await main.said(/began/);
    main.child.kill('SIGTERM');
    main.child.kill('SIGINT');
    expect([130, 143]).toContain(await main.exited);
    expect(await answer).toBe('cut');
  });

  it.each([
    ['HOST on all addresses', { HOST: '0.0.0.0' }, [], 1, /it is not a loopback address.*MCPGEN_ALLOW_REMOTE=1/s],
    ['a PORT that is none', { PORT: 'http' }, [], 2, /PORT "http" is no port/],
    ['an unknown argument', {}, ['--http'], 2, /argument "--http" is unknown/],
  ] as const)('does not start for %s', async (_what, env, args, code, says) => {
    await using built = await builtServer({ echo: ECHO });
    await using main = new MainProcess(built, args, env);
    expect(await main.exited).toBe(code);
    expect(main.errors).toMatch(says);
    expect(main.errors.trim().split('\n')).toHaveLength(1);
  });

  it('does not start on a port that is taken', async () => {
    await using built = await builtServer({ echo: ECHO });
    await using first = new MainProcess(built, []);
    const { port } = new URL(await first.url());
    await using second = new MainProcess(built, [], { PORT: port });
    expect(await second.exited).toBe(1);
    expect(second.errors).toContain(`Cannot listen on "127.0.0.1:${port}": EADDRINUSE`);
  });

  it.each([
    ['without a manifest', { 'manifest.json': '' }, /it is not valid JSON/],
    ['with a manifest of the future', { 'manifest.json': '{"format":2}' }, /its format is 2, expected 1/],
    ['with half a manifest', { 'manifest.json': '{"format":1}' }, /"tools" is missing/],
  ])('does not start %s', async (_what, files, says) => {
    await using built = await builtServer({});
    await built.write(files);
    await using main = new MainProcess(built, []);
    expect(await main.exited).toBe(1);
    expect(main.errors).toMatch(says);
  });

  it('serves others where it is allowed to', async () => {
    await using built = await builtServer({ echo: ECHO });
    await using main = new MainProcess(built, [], {
      HOST: '0.0.0.0',
      MCPGEN_ALLOW_REMOTE: '1',
      MCPGEN_ALLOWED_HOSTS: 'mcp.example',
    });
    const { port } = new URL(await main.url());
    const url = `http://127.0.0.1:${port}/mcp`;
    const request = call('echo', { text: 'hi' });
    const from = (host: string) => send(url, { ...request, headers: { ...request.headers, host } });
    expect((await from('mcp.example')).status).toBe(200);
    expect((await from('other.example')).status).toBe(403);
  });

  it('outlives errors that a tool throws later, and promises that it forgot', async () => {
    await using built = await builtServer({
      echo: ECHO,
      late: {
        source:
          '{ handler: () => { setTimeout(() => { throw new Error("late"); }); Promise.reject(new Error("forgotten")); return "ok"; } }',
      },
    });
    await using main = new MainProcess(built, []);
    const url = await main.url();
    expect((await send(url, call('late'))).json?.result).toMatchObject({ content: [{ text: 'ok' }] });
    await main.said(/Stray error 2/);
    expect((await send(url, call('echo', { text: 'alive' }))).json?.result).toMatchObject({
      content: [{ text: 'alive' }],
    });
  });

  it('swaps what it serves while a client listens', async () => {
    await using built = await builtServer({ echo: ECHO });
    await using main = new MainProcess(built, ['--dev']);
    const url = await main.url();
    const listening = send(url, modernRequest('subscriptions/listen', { notifications: { toolsListChanged: true } }));
    await built.write(serverFiles({ other: { source: '{ handler: () => "new" }' } }));
    await send(url, modernRequest('tools/list'));
    const reloaded = once(main.child, 'message');
    main.child.send({ type: 'reload' });
    expect((await reloaded)[0]).toEqual({ type: 'reloaded' });
    expect((await send(url, call('other'))).json?.result).toMatchObject({ content: [{ text: 'new' }] });
    main.child.kill('SIGTERM');
    const { events } = await listening;
    expect(events.map(({ method }) => method)).toEqual([
      'notifications/subscriptions/acknowledged',
      'notifications/tools/list_changed',
      undefined,
    ]);
    expect(events[2]?.result).toMatchObject({
      resultType: 'complete',
      _meta: { 'io.modelcontextprotocol/subscriptionId': 1 },
    });
  });
});

describe('main over stdio', () => {
  it('answers, and ends with 0 when the input ends', async () => {
    await using built = await builtServer({ echo: ECHO });
    await using main = new MainProcess(built, ['--stdio']);
    main.say(callMessage('echo', { text: 'hi' }));
    expect((await main.hear()).result).toMatchObject({ content: [{ text: 'hi' }] });
    main.child.stdin?.end();
    expect(await main.exited).toBe(0);
  });

  it('answers what was asked before the input ended', async () => {
    await using built = await builtServer({ echo: ECHO });
    await using main = new MainProcess(built, ['--stdio']);
    const heard = main.hear();
    main.child.stdin?.end(`${JSON.stringify(callMessage('echo', { text: 'hi' }))}\n`);
    expect((await heard).result).toBeDefined();
    expect(await main.exited).toBe(0);
  });

  it('ends when the input ends, whatever a tool does', async () => {
    await using built = await builtServer({ hang: HANG });
    await using main = new MainProcess(built, ['--stdio']);
    main.child.stdin?.end(`${JSON.stringify(callMessage('hang'))}\n`);
    expect(await main.exited).toBe(0);
  });

  it('keeps what a tool prints away from the protocol', async () => {
    await using built = await builtServer({
      chatty: {
        source: '{ handler: () => { console.log("printed"); process.stdout.write("written\\n"); return "ok"; } }',
      },
    });
    await using main = new MainProcess(built, ['--stdio']);
    main.say(callMessage('chatty'));
    expect((await main.hear()).result).toMatchObject({ content: [{ text: 'ok' }] });
    await main.said(/printed\nwritten/);
  });

  it('stops a call with the id 0 that is cancelled, and answers it no more', async () => {
    await using built = await builtServer({
      echo: ECHO,
      wait: {
        source: `{ handler: (_input, { signal }) => new Promise(() => {
          process.stderr.write('began\\n');
          signal.addEventListener('abort', () => process.stderr.write('aborted\\n'));
        }) }`,
      },
    });
    await using main = new MainProcess(built, ['--stdio']);
    main.say(callMessage('wait', {}, 0));
    await main.said(/began/);
    main.say({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 0 } });
    await main.said(/aborted/);
    main.say(callMessage('echo', { text: 'next' }, 1));
    expect((await main.hear()).id).toBe(1);
  });
});
