import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.ts';
import { type Connection, connectHttp, connectStdio } from './connect.ts';

export type { Answer, Connection } from './connect.ts';

/** What a check is, by the sentence that it prints. It throws where the server does something else. */
export type Checks = Readonly<Record<string, (server: Connection) => Promise<void>>>;

export interface CheckOptions {
  /** Variables of the server's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Builds an example with mcpgen, starts its server over HTTP and over stdio, and runs the same checks against both with
 * the official client. Every tool must be called at least once. Prints `N passed, N failed` and sets the exit code.
 */
export async function checkServer(directory: string, checks: Checks, options: CheckOptions = {}): Promise<void> {
  const { env = {} } = options;
  const results: boolean[] = [];
  const check = async (name: string, body: () => void | Promise<void>): Promise<void> => {
    const error = await Promise.resolve()
      .then(body)
      .then(undefined, (reason: unknown) => reason ?? 'failed');
    results.push(error === undefined);
    console.log(`${error === undefined ? 'ok  ' : 'FAIL'} ${name}`);
    if (error !== undefined) console.log(error);
  };

  await build(directory);
  await check('writes an image', () => checkImage(join(directory, 'dist/image')));
  const main = join(directory, 'dist/server/main.js');
  for (const [transport, connect] of Object.entries({ http: connectHttp, stdio: connectStdio })) {
    const server = await connect(main, env);
    for (const [name, body] of Object.entries(checks)) await check(`${transport}: ${name}`, () => body(server));
    await check(`${transport}: every tool was called`, () => assert.deepEqual(server.uncalled(), []));
    await check(`${transport}: stops when told to`, () => server.close());
    if (results.includes(false)) console.log(server.log());
  }

  const passed = results.filter(Boolean).length;
  console.log(`\n${passed} passed, ${results.length - passed} failed`);
  process.exitCode = passed === results.length ? 0 : 1;
}

/** The layout names one index of one image, whose manifest is among its blobs. */
function checkImage(directory: string): void {
  const index = readJson<{ manifests: readonly { digest: string }[] }>(join(directory, 'index.json'));
  const [descriptor] = index.manifests;
  assert(descriptor, 'index.json names no image');
  assert(existsSync(join(directory, 'blobs', descriptor.digest.replace(':', '/'))), `${descriptor.digest} is missing`);
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}
