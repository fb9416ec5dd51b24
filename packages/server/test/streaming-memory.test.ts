import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { modernMessage, modernRequest } from './wire.ts';

const MEGABYTE = 1024 * 1024;

/** A server process, which tells what memory it has, and the most since it was asked last. */
interface Server {
  readonly child: ChildProcess;
  readonly url: string;
  memory(): Promise<{ readonly now: number; readonly peak: number }>;
}

async function start(): Promise<Server> {
  const child = fork(fileURLToPath(new URL('streaming-process.ts', import.meta.url)), {
    execArgv: ['--conditions=@mcpgen/source', '--disable-warning=ExperimentalWarning'],
    stdio: ['pipe', 'pipe', 'inherit', 'ipc'],
  });
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  const memory: Server['memory'] = async () => {
    child.send('memory');
    const [answer] = (await once(child, 'message')) as [{ now: number; peak: number }];
    return answer;
  };
  return { child, url, memory };
}

/** Calls a tool over HTTP and counts the bytes of its answer. */
function countHttp({ url }: Server, name: string): Promise<number> {
  const { headers, body } = modernRequest('tools/call', { name, arguments: {} });
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } };
    const request = httpRequest(url, options, (response) => {
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
      });
      response.on('end', () => resolve(size));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** The same over stdio. */
function countStdio({ child }: Server, name: string): Promise<number> {
  return new Promise((resolve) => {
    let size = 0;
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (!chunk.includes(10)) return;
      child.stdout?.off('data', take);
      resolve(size);
    };
    child.stdout?.on('data', take);
    child.stdin?.write(`${JSON.stringify(modernMessage('tools/call', { name }))}\n`);
  });
}

// What a process takes at most is told by /proc.
describe.skipIf(process.platform !== 'linux').each([
  ['HTTP', countHttp],
  ['stdio', countStdio],
])('a result of 50 MB over %s', (_name, count) => {
  // A new process each time: one that has been busy has memory to spare. Tried again, for V8 lays out its heap by the clock.
  it.each(['text', 'rows', 'structured', 'string'])('takes less than 20 MB as %s', { retry: 2 }, async (name) => {
    const server = await start();
    try {
      for (let call = 0; call < 20; call++) await count(server, 'small');
      const idle = await server.memory();
      expect(await count(server, name)).toBeGreaterThan(50_000_000);
      const after = await server.memory();
      expect((after.peak - idle.now) / MEGABYTE).toBeLessThan(20);
    } finally {
      server.child.kill();
    }
  });
});
