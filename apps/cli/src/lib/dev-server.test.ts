import { temporaryDirectory, writeTree } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { type DevServerLimits, startDevServer } from './dev-server.ts';

/** What `dev-server-worker.js` loads: serves by saying its process's number, and does at a message what it is told. */
const RUNTIME = `
export async function main() {
  process.stderr.write(process.pid + ' ' + process.env.TELL + '\\n');
  if (process.env.TELL === 'end') { process.stderr.write('Cannot listen: port 1 is taken.\\n'); process.exit(1); }
  if (process.env.TELL === 'spin') for (;;);
  process.on('SIGTERM', () => process.env.TELL !== 'stay' && process.exit(0));
  setInterval(() => undefined, 1000);
  process.on('message', ({ type, versions }) => {
    if (type !== 'reload') return;
    if (versions.tell === 'spin') for (;;);
    if (versions.tell === 'end') process.exit(3);
    process.send(versions.tell === 'fail' ? { type: 'reload-failed', message: 'no' } : { type: 'reloaded' });
  });
}
`;

async function rig(tell: string, limits: Partial<DevServerLimits> = {}) {
  const directory = await temporaryDirectory();
  await writeTree(directory.path, { 'package.json': '{"type":"module"}', 'runtime/main.js': RUNTIME });
  const said: string[] = [];
  const exits: (number | null)[] = [];
  const controller = new AbortController();
  const start = () =>
    startDevServer({
      directory: directory.path,
      environment: { ...process.env, TELL: tell },
      versions: {},
      onExit: (code) => exits.push(code),
      onOutput: (text) => said.push(text),
      signal: controller.signal,
      limits,
    });
  return { start, said, exits, controller, [Symbol.asyncDispose]: () => directory.remove() };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const pidOf = (said: readonly string[]): number => Number.parseInt(said.at(-1) ?? '', 10);

describe('startDevServer', () => {
  it('refuses with the own words of a server that ends before it serves', async () => {
    await using server = await rig('end');
    await expect(server.start()).rejects.toMatchObject({
      code: 'SERVER_NOT_STARTED',
      message: expect.stringContaining('Cannot listen: port 1 is taken'),
    });
    expect([server.exits, server.said]).toEqual([[], []]);
  });

  it('ends a server that never serves', async () => {
    await using server = await rig('spin', { start: 500 });
    await expect(server.start()).rejects.toMatchObject({ code: 'SERVER_NOT_STARTED' });
  });

  it('swaps, and leaves the server as it is where that fails', async () => {
    await using server = await rig('');
    const running = await server.start();
    expect(await running.reload({ tell: 'on' })).toEqual({ restarted: false });
    await expect(running.reload({ tell: 'fail' })).rejects.toThrow('no');
    expect(await running.reload({})).toEqual({ restarted: false });
    await running.close();
    expect(server.exits).toEqual([]);
  });

  it('replaces a server that spins', async () => {
    await using server = await rig('', { reload: 300 });
    const running = await server.start();
    const first = pidOf(server.said);
    expect(await running.reload({ tell: 'spin' })).toEqual({ restarted: true });
    expect(isAlive(first)).toBe(false);
    expect(await running.reload({})).toEqual({ restarted: false });
    await running.close();
    expect(server.exits).toEqual([]);
  });

  it('replaces a server that died, and says that it did', async () => {
    await using server = await rig('');
    const running = await server.start();
    expect(await running.reload({ tell: 'end' })).toEqual({ restarted: true });
    expect(server.exits).toEqual([3]);
    expect(running.running).toBe(true);
    await running.close();
    expect(running.running).toBe(false);
  });

  it('ends a server that hears no signal', async () => {
    await using server = await rig('stay', { close: 100 });
    const running = await server.start();
    await running.close();
    expect(isAlive(pidOf(server.said))).toBe(false);
  });

  it('waits no longer once it is interrupted', async () => {
    await using server = await rig('', { reload: 60_000, close: 100 });
    const running = await server.start();
    const reload = running.reload({ tell: 'spin' });
    server.controller.abort();
    await expect(reload).rejects.toMatchObject({ name: 'AbortError' });
    await running.close();
    expect(isAlive(pidOf(server.said))).toBe(false);
  });
});
