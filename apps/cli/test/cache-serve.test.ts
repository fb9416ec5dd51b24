import { once } from 'node:events';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { type CliRig, cliRig, type RunOptions } from './cli-rig.ts';

const TOKEN = 'a-token-of-the-team';
const BUILD = ['build', '--no-image', '--no-typecheck', '--json'];

/** A server that was started by the command. */
interface Served extends AsyncDisposable {
  readonly url: string;
  /** The lines that it wrote since. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  /** Ends it as Ctrl-C does, and resolves to its exit code. */
  interrupt(): Promise<number | null>;
}

async function serve(rig: CliRig, flags: readonly string[] = [], options: RunOptions = {}): Promise<Served> {
  const env = { MCPGEN_CACHE_TOKEN: TOKEN, ...options.env };
  const child = rig.start(['cache', 'serve', '--port', '0', '--json', '--directory', 'served', ...flags], { env });
  const closed = once(child, 'close');
  if (child.stdout === null) throw new Error('unreachable');
  const lines: Record<string, unknown>[] = [];
  const output = createInterface(child.stdout);
  output.on('line', (line) => lines.push(JSON.parse(line)));
  await once(output, 'line');
  const interrupt = async () => {
    child.kill('SIGINT');
    return ((await closed) as [number | null])[0];
  };
  return {
    url: String(lines[0]?.url),
    lines,
    interrupt,
    [Symbol.asyncDispose]: async () => void (child.exitCode ?? (await interrupt())),
  };
}

/** As a machine that has never built it. */
function forget(rig: CliRig): void {
  for (const name of ['.cache', 'dist']) rmSync(join(rig.directory, name), { recursive: true, force: true });
}

async function build(rig: CliRig, url: string, env: Readonly<Record<string, string>> = { MCPGEN_CACHE_TOKEN: TOKEN }) {
  const ran = await rig.run([...BUILD, '--cache-from', url, '--cache-to', url], { env });
  expect(ran.code, ran.stderr + ran.stdout).toBe(0);
  const steps = ran.json().steps as readonly { readonly outcome: string }[];
  const warnings = ran.stderr.split('\n').filter((line) => line.startsWith('warning'));
  return { outcomes: [...new Set(steps.map(({ outcome }) => outcome))], warnings, cache: ran.json().cache };
}

describe('mcpgen cache serve', () => {
  it('gives to one machine what another built, and ends cleanly', async () => {
    await using rig = await cliRig();
    await using served = await serve(rig);
    expect(served.lines[0]).toMatchObject({ code: 'READY', directory: join(rig.directory, 'served') });
    const url = `${served.url}?slug=team`;
    expect(await build(rig, url)).toMatchObject({ outcomes: ['ran'], warnings: [] });
    forget(rig);
    const again = await build(rig, url);
    expect(again).toMatchObject({ outcomes: ['restored'], warnings: [] });
    expect(again.cache).toMatchObject({ from: [{ name: 'local' }, { name: url }], to: { name: url, results: 0 } });

    expect(await served.interrupt()).toBe(0);
    expect(served.lines.slice(1)).toMatchObject([{ code: 'STOPPED' }]);
    expect(readdirSync(join(rig.directory, 'served/uploads'))).toEqual([]);
  });

  it('serves the store of a project where no other is named, and pushes to it', async () => {
    await using rig = await cliRig();
    await using served = await serve(rig);
    await rig.run(BUILD);
    const env = { MCPGEN_CACHE_TOKEN: TOKEN };
    const pushed = await rig.run(['cache', 'push', served.url, '--json'], { env });
    expect(pushed.json()).toMatchObject({ code: 'CACHE_PUSHED', entries: expect.any(Number) });
    expect((await rig.run(['cache', 'push', served.url, '--json'], { env })).json()).toMatchObject({ entries: 0 });
    const pulled = await rig.run(['cache', 'pull', served.url, '--json'], { env });
    expect(pulled).toMatchObject({ code: 2 });
    expect(pulled.json().fix).toContain('--cache-from');
  });

  it('warns once of a token that is not known, and the build goes on', async () => {
    await using rig = await cliRig();
    await using served = await serve(rig);
    const built = await build(rig, served.url, { MCPGEN_CACHE_TOKEN: 'another-token' });
    expect(built.outcomes).toEqual(['ran']);
    expect(built.warnings).toMatchObject([expect.stringContaining('401'), expect.stringContaining('401')]);
    expect(served.lines[1]).toMatchObject({ code: 'REFUSED', httpStatus: 401 });
  });

  it("sends turbo's token to turbo's server only", async () => {
    await using rig = await cliRig();
    await using served = await serve(rig);
    const none = await build(rig, served.url, { TURBO_TOKEN: TOKEN });
    expect(none.warnings.length).toBeGreaterThan(0);
    forget(rig);
    expect((await build(rig, served.url, { TURBO_TOKEN: TOKEN, TURBO_API: served.url })).warnings).toEqual([]);
  });

  it('keeps what is signed apart from what is not', async () => {
    await using rig = await cliRig();
    await using served = await serve(rig);
    await build(rig, served.url);
    forget(rig);
    const env = { MCPGEN_CACHE_TOKEN: TOKEN, TURBO_REMOTE_CACHE_SIGNATURE_KEY: 'a key' };
    const signed = await build(rig, served.url, env);
    expect(signed).toMatchObject({ outcomes: ['ran'], warnings: [expect.stringContaining('not signed')] });
  });

  it('is left alone by a project that asks for signatures where there is no key', async () => {
    await using rig = await cliRig();
    await using served = await serve(rig);
    await build(rig, served.url);
    forget(rig);
    const publicKeys = ['MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE='];
    await rig.write({ 'mcpgen.config.json': JSON.stringify({ cache: { publicKeys } }) });
    const built = await build(rig, served.url);
    expect(built).toMatchObject({ outcomes: ['ran'], warnings: [expect.stringContaining('TURBO_REMOTE_CACHE')] });
  });

  it('reads its tokens from a file, and lets anyone in where it is told to', async () => {
    await using rig = await cliRig({ tokens: '# the team\nwrite of-the-team\nread  of-laptops\n' });
    const statusOf = async (url: string, token: string, method = 'GET') =>
      (await fetch(`${url}/v8/artifacts/a`, { method, headers: { authorization: `Bearer ${token}` } })).status;
    await using served = await serve(rig, ['--token-file', 'tokens']);
    expect(await statusOf(served.url, 'of-laptops')).toBe(404);
    expect(await statusOf(served.url, 'of-laptops', 'PUT')).toBe(403);
    expect(await statusOf(served.url, 'of-the-team', 'PUT')).toBe(202);
    expect(await statusOf(served.url, TOKEN)).toBe(401);
    await using open = await serve(rig, ['--anonymous']);
    expect(await statusOf(open.url, '')).toBe(200);
  });

  it.each([
    ['no token', [], {}, 'there is no token'],
    ['no file', ['--token-file', 'none'], {}, 'Cannot read'],
    ['an empty file', ['--token-file', 'empty'], {}, 'there is no token'],
    ['a wrong line', ['--token-file', 'wrong'], {}, 'wrong:2'],
    ['a token twice', ['--token-file', 'twice'], {}, 'twice'],
    ['a wrong size', ['--max-size', 'big'], { MCPGEN_CACHE_TOKEN: TOKEN }, 'size'],
  ])('refuses %s and says so', async (_what, flags, env, says) => {
    const wrong = 'write of-the-team\nadmin secret-secret\n';
    const twice = 'write of-the-team\nread of-the-team\n';
    await using rig = await cliRig({ empty: '\n', wrong, twice });
    const ran = await rig.run(['cache', 'serve', '--json', '--directory', 'x', ...flags], {
      env: { MCPGEN_CACHE_TOKEN: '', ...env },
    });
    expect(ran.code).toBe(2);
    expect(ran.json().message).toContain(says);
    expect(ran.stdout).not.toContain('secret-secret');
    expect(existsSync(join(rig.directory, 'x'))).toBe(false);
  });

  it('says that a port is in use', async () => {
    await using rig = await cliRig();
    await using served = await serve(rig);
    const env = { MCPGEN_CACHE_TOKEN: TOKEN };
    const ran = await rig.run(['cache', 'serve', '--json', '--port', new URL(served.url).port], { env });
    expect(ran.code).toBe(3);
    expect(ran.json()).toMatchObject({ code: 'CACHE_NOT_SERVED' });
  });
});

describe('mcpgen cache push', () => {
  it('does not call it done where the server took a part and no more', async () => {
    await using rig = await cliRig();
    expect((await rig.run(BUILD)).code).toBe(0);
    let taken = 0;
    await using server = createServer((request, response) => {
      const status = request.method !== 'PUT' ? 404 : taken++ === 0 ? 202 : 500;
      request.resume().on('end', () => response.writeHead(status).end());
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const place = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const ran = await rig.run(['cache', 'push', place, '--json']);
    expect(ran.code, ran.stdout).toBe(3);
    const message = expect.stringMatching(/it answered 500 to PUT \(1 entries sent, /);
    expect(ran.json()).toMatchObject({ code: 'CACHE_NOT_PUSHED', entries: 1, message });
  });
});

describe('a place that is an address', () => {
  it.each([
    'http://cache.example.com',
    'http://127.cache.example.com',
    'https://user:x@cache.example.com',
    'https://cache.example.com?token=x',
  ])('of the form %s is refused', async (place) => {
    await using rig = await cliRig();
    const ran = await rig.run([...BUILD, '--cache-from', place]);
    expect(ran.code, ran.stdout).toBe(2);
  });
});
