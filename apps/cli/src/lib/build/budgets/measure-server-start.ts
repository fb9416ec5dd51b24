import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { serverNotStarted } from '../../errors.ts';

export interface ServerStartOptions {
  /** A clock in milliseconds. */
  readonly now: () => number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Milliseconds after which a server that has not answered never will; default 30,000. */
  readonly limit?: number;
}

/** Other work of the machine only adds: the best of so many starts is what the server takes. */
const STARTS = 3;

const HELLO = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'mcpgen', version: '1' } },
};

/**
 * Milliseconds from the start of the built server's process until it answers its first request, over stdio: no port is
 * needed, and nobody else can reach it.
 *
 * @throws CliError SERVER_NOT_STARTED
 */
export async function measureServerStart(server: string, options: ServerStartOptions): Promise<number> {
  let best = Infinity;
  for (let turn = 0; turn < STARTS; turn += 1) best = Math.min(best, await startOnce(server, options));
  return best;
}

async function startOnce(
  server: string,
  { now, environment, signal, limit = 30_000 }: ServerStartOptions,
): Promise<number> {
  signal.throwIfAborted();
  const begun = now();
  const child = spawn(process.execPath, [join(server, 'main.js'), '--stdio'], {
    cwd: server,
    env: environment,
    stdio: 'pipe',
    signal: AbortSignal.any([signal, AbortSignal.timeout(limit)]),
    killSignal: 'SIGKILL',
  });
  // What a killed child could not be told, or told, is not the failure.
  for (const stream of [child, child.stdin]) stream.on('error', () => undefined);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.stdin.write(`${JSON.stringify(HELLO)}\n`);
  const answered = await Promise.race([once(child.stdout, 'data').then(now), closed.then(() => undefined)]);
  const { exitCode } = child;
  child.kill('SIGKILL');
  await closed;
  signal.throwIfAborted();
  if (answered === undefined) throw serverNotStarted(said, exitCode, limit);
  return answered - begun;
}
