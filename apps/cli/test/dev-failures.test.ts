import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { freePort } from '@mcpgen/testing';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { describe, expect, it } from 'vitest';
import { type CliRig, cliRig, ECHO } from './cli-rig.ts';

/** Says its process's number, and never ends. */
const SPIN = ECHO.replace('({ text }) => text', '() => { console.error(`spins ${process.pid}.`); for (;;); }');

interface Notice {
  readonly status: string;
  readonly code: string;
  readonly message: string;
}

async function takePort(): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new TypeError('no port');
  return { server, port: address.port };
}

async function release(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

/** `mcpgen dev`, its notices in turn, and what its server says. */
function startDev(rig: CliRig, port: number) {
  const child = rig.start(['dev', '--json', '--port', String(port)]);
  const notices = readNotices(child);
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    log += chunk;
  });
  const spinning = async (): Promise<number> => {
    for (;;) {
      const pid = /spins (\d+)\./.exec(log)?.[1];
      if (pid !== undefined) return Number(pid);
      await once(child.stderr ?? child, 'data');
    }
  };
  const next = async (): Promise<Notice> => {
    const { value, done } = await notices.next();
    if (done === true) throw new Error(`ended: ${log}`);
    return value;
  };
  return { child, next, spinning };
}

async function* readNotices(child: ChildProcess): AsyncGenerator<Notice, undefined> {
  let rest = '';
  for await (const chunk of child.stdout ?? []) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('{"status"')) yield JSON.parse(line);
  }
}

async function call(port: number): Promise<unknown> {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`)));
  try {
    return (await client.callTool({ name: 'echo', arguments: { text: 'Ada' } })).content;
  } finally {
    await client.close();
  }
}

/** Resolves once there is no such process. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await once(spawn(process.execPath, ['--version']), 'exit');
  }
}

describe('mcpgen dev', () => {
  it('starts the server again with the new code where a tool spins', async () => {
    await using rig = await cliRig({ 'tools/echo.ts': SPIN });
    const port = await freePort();
    const { child, next, spinning } = startDev(rig, port);
    expect((await next()).code).toBe('READY');
    const lost = expect(call(port)).rejects.toThrow();
    const pid = await spinning();
    await rig.write({ 'tools/echo.ts': ECHO });
    expect((await next()).code).toBe('RESTARTED');
    await gone(pid);
    await lost;
    expect(await call(port)).toEqual([{ type: 'text', text: 'Ada' }]);
    child.kill('SIGINT');
    expect((await once(child, 'exit'))[0]).toBe(0);
  });

  it.each([
    ['Ctrl-C', ['SIGINT'], 0],
    ['Ctrl-C twice', ['SIGINT', 'SIGTERM'], 130],
    ['the end by force', ['SIGKILL'], null],
  ] as const)('takes a server that spins with it at %s', async (_what, signals, code) => {
    await using rig = await cliRig({ 'tools/echo.ts': SPIN });
    const port = await freePort();
    const { child, next, spinning } = startDev(rig, port);
    expect((await next()).code).toBe('READY');
    const lost = expect(call(port)).rejects.toThrow();
    const pid = await spinning();
    const ended = once(child, 'exit');
    for (const signal of signals) child.kill(signal);
    expect((await ended)[0]).toBe(code);
    await gone(pid);
    await lost;
  });

  it('says once that the port is taken, keeps watching, and serves when it is free', async () => {
    await using rig = await cliRig();
    const { server, port } = await takePort();
    const { child, next } = startDev(rig, port);
    expect(await next()).toMatchObject({
      status: 'error',
      code: 'SERVER_NOT_STARTED',
      message: expect.stringContaining(String(port)),
    });
    await release(server);
    await rig.write({ 'tools/echo.ts': ECHO.replace('Says', 'Repeats') });
    expect((await next()).code).toBe('READY');
    expect(await call(port)).toEqual([{ type: 'text', text: 'Ada' }]);
    child.kill('SIGINT');
    expect((await once(child, 'exit'))[0]).toBe(0);
  });
});
