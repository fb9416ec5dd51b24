import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { describe, expect, it } from 'vitest';
import { type CliRig, cliRig, ECHO } from './cli-rig.ts';

const COMMAND = [
  process.execPath,
  '--conditions=@mcpgen/source',
  '--disable-warning=ExperimentalWarning',
  fileURLToPath(new URL('../src/bin.ts', import.meta.url)),
];

/** A tool that says when it is called, and answers once the test has written a file. */
const SLOW = `import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
${ECHO.replace('({ text }) => text', "async ({ text }) => {\n    console.error('called');\n    while (!existsSync('release')) await setTimeout(10);\n    return text;\n  }")}`;

interface Started {
  readonly child: ChildProcess;
  readonly url: URL;
  /** Resolves once the server has said this. */
  readonly said: (text: string) => Promise<unknown>;
}

/** Starts the built server: as the leader of a session of its own, since these tests may have a terminal. */
async function startServer(rig: CliRig, [file = '', ...args]: readonly string[]): Promise<Started> {
  const child = spawn(file, args, { cwd: rig.directory, detached: true, stdio: 'pipe' });
  let log = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      log += chunk;
      for (const listener of listeners) listener();
    });
  }
  const said = (text: string): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (log.includes(text)) resolve();
      };
      listeners.add(check);
      check();
    });
  await said('/mcp');
  return { child, url: new URL(/http:\S+/.exec(log)?.[0] ?? ''), said };
}

async function refused(url: URL): Promise<void> {
  for (;;) {
    try {
      await (await fetch(new URL('/healthz', url), { headers: { connection: 'close' } })).text();
    } catch {
      return;
    }
  }
}

/** What a running call answers, and how the command ends, where it is interrupted in the midst of it. */
async function interruptCall(rig: CliRig, { child, url, said }: Started, interrupt: () => void) {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(url));
  const answer = client.callTool({ name: 'echo', arguments: { text: 'Ada' } });
  await said('called');
  const ended = once(child, 'exit');
  interrupt();
  await refused(url);
  await rig.write({ release: '' });
  const { content } = await answer;
  const [code] = await ended;
  return { content, code };
}

const DRAINED = { content: [{ type: 'text', text: 'Ada' }], code: 0 };

describe('mcpgen start', () => {
  it('lets running calls end at Ctrl-C in a terminal, which reaches the server, too', async () => {
    if (spawnSync('script', ['--version']).status !== 0) {
      process.stderr.write('skipped: Ctrl-C in a terminal: this machine has no "script"\n');
      return;
    }
    await using rig = await cliRig({ 'tools/echo.ts': SLOW });
    expect((await rig.run(['build', '--no-image', '--no-typecheck'])).code).toBe(0);
    const started = await startServer(rig, [
      'script',
      '--quiet',
      '--return',
      '--command',
      // Not below a shell, which would be interrupted, too, and have its own exit code.
      `exec ${COMMAND.join(' ')} start --port 0`,
      '/dev/null',
    ]);
    const ended = await interruptCall(rig, started, () => started.child.stdin?.write('\x03'));
    expect(ended).toEqual(DRAINED);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('passes %s on where no terminal sends it to the server', async (signal) => {
    await using rig = await cliRig({ 'tools/echo.ts': SLOW });
    expect((await rig.run(['build', '--no-image', '--no-typecheck'])).code).toBe(0);
    const started = await startServer(rig, [...COMMAND, 'start', '--port', '0']);
    expect(await interruptCall(rig, started, () => started.child.kill(signal))).toEqual(DRAINED);
  });

  it('takes a server that spins with it at the second signal', async () => {
    const spin = ECHO.replace('({ text }) => text', '() => { console.error(`spins ${process.pid}.`); for (;;); }');
    await using rig = await cliRig({ 'tools/echo.ts': spin });
    expect((await rig.run(['build', '--no-image', '--no-typecheck'])).code).toBe(0);
    const { child, url, said } = await startServer(rig, [...COMMAND, 'start', '--port', '0']);
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(new StreamableHTTPClientTransport(url));
    const call = client.callTool({ name: 'echo', arguments: { text: 'Ada' } });
    const failed = expect(call).rejects.toThrow();
    await said('spins');
    const ended = once(child, 'exit');
    child.kill('SIGINT');
    child.kill('SIGTERM');
    expect((await ended)[0]).toBe(130);
    await failed;
  });
});

describe('mcpgen build', () => {
  it('goes on where nobody reads its stderr any more', async () => {
    await using rig = await cliRig();
    const child = rig.start(['build', '--no-image', '--no-typecheck']);
    child.stderr?.destroy();
    expect((await once(child, 'exit'))[0]).toBe(0);
    expect(rig.read('dist/server/manifest.json')).toContain('echo');
  });
});
