import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { findFreePort } from './server-process.ts';

/** A Redis that keeps nothing on disk, for as long as a benchmark runs. */
export interface RedisProcess extends AsyncDisposable {
  readonly url: string;
}

export async function startRedisProcess(): Promise<RedisProcess> {
  const port = await findFreePort();
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const child = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] });
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  child.once('error', (cause) => reject(new Error('Cannot start redis-server: it must be installed', { cause })));
  child.stdout.on('data', (text: Buffer) => {
    if (String(text).includes('Ready to accept connections')) resolve();
  });
  await ready;
  return {
    url: `redis://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
