import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from './free-port.ts';
import { serviceForTest } from './service-for-test.ts';

/** A Redis of the test's own, which may be killed. Nothing is written to disk. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  /** Ends it without a word (`kill -9`). */
  kill(): Promise<void>;
  /** Lets it hang, connections and all, and go on. */
  pause(): void;
  resume(): void;
  /** Starts it again, empty, at the same port. */
  start(): Promise<void>;
}

/**
 * Why there is no `redis-server` on this machine, where there is none. Throws where services are required.
 * @param environment of the process.
 */
export function redisMissing(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  if (spawnSync('redis-server', ['--version']).status === 0) return undefined;
  const service = serviceForTest('redis-server', {
    script: 'scripts/services/start-redis.sh',
    environment: { ...environment, 'redis-server': '' },
  });
  return service.kind === 'absent' ? service.reason : undefined;
}

export async function startRedis(): Promise<RedisServer> {
  const port = await freePort();
  let child: ChildProcess = await startServer(port);
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    pause: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    start: async () => {
      child = await startServer(port);
    },
    [Symbol.asyncDispose]: kill,
  };
}

const OPTIONS = ['--save', '', '--appendonly', 'no', '--bind', '127.0.0.1'];

async function startServer(port: number): Promise<ChildProcess> {
  const child = spawn('redis-server', [...OPTIONS, '--port', String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  child.stdout?.on('data', (chunk: Buffer) => {
    if (String(chunk).includes('Ready to accept connections')) resolve();
  });
  child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)));
  await ready;
  return child;
}
