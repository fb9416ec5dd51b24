import { once } from 'node:events';
import { createServer } from 'node:net';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { describe, expect, it } from 'vitest';
import { cliRig, ECHO } from './cli-rig.ts';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new TypeError('no port');
  return address.port;
}

/** Waits for a line of the command with this code. */
async function* notices(
  child: import('node:child_process').ChildProcess,
): AsyncGenerator<{ readonly code: string; readonly message: string }> {
  let rest = '';
  for await (const chunk of child.stdout ?? []) {
    rest += chunk;
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('{"status"')) yield JSON.parse(line);
  }
}

async function until(lines: AsyncGenerator<{ readonly code: string; readonly message: string }>, code: string) {
  for (;;) {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`ended before ${code}`);
    if (value.code === code) return value;
  }
}

const text = (result: unknown): unknown =>
  (result as { readonly content: readonly { readonly text?: string }[] }).content[0]?.text;

describe('mcpgen dev', () => {
  it('swaps a changed tool for connected clients, keeps serving when a build fails, and ends at Ctrl-C', async () => {
    await using rig = await cliRig({
      'lib/greet.ts': 'export const greet = (name: string): string => `Hello ${name}`;\n',
      'tools/greet.ts': ECHO.replace('import { z }', "import { greet } from '../lib/greet.ts';\nimport { z }").replace(
        '=> text',
        '=> greet(text)',
      ),
      'tools/other.ts': ECHO.replace('import { z }', "import { greet } from '../lib/greet.ts';\nimport { z }").replace(
        '=> text',
        '=> greet(text)',
      ),
    });
    const port = await freePort();
    const child = rig.start(['dev', '--json', '--port', String(port)]);
    const lines = notices(child);
    await until(lines, 'READY');
    console.error('MARK 1', "await until(lines, 'READY');");

    const client = new Client({ name: 'test', version: '1' });
    await client.connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`)));
    console.error('MARK 2', 'await client.connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`)));');
    const call = async (name: string) => text(await client.callTool({ name, arguments: { text: 'Ada' } }));
    expect(await call('greet')).toBe('Hello Ada');

    await rig.write({ 'tools/greet.ts': ECHO.replace('=> text', '=> `Bye ${text}`') });
    console.error('MARK 3', "await rig.write({ 'tools/greet.ts': ECHO.replace('=> text', '=> `Bye ${text}`') });");
    await until(lines, 'SWAPPED');
    console.error('MARK 4', "await until(lines, 'SWAPPED');");
    expect(await call('greet')).toBe('Bye Ada');

    // A shared module reaches the tool that imports it.
    await rig.write({ 'lib/greet.ts': 'export const greet = (name: string): string => `Salut ${name}`;\n' });
    console.error('MARK 5', "await rig.write({ 'lib/greet.ts': 'export const greet = (name: string): string => `Salut ${name}`;\\n' });");
    await until(lines, 'SWAPPED');
    console.error('MARK 6', "await until(lines, 'SWAPPED');");
    expect(await call('other')).toBe('Salut Ada');

    await rig.write({ 'tools/greet.ts': 'export default {' });
    console.error('MARK 7', "await rig.write({ 'tools/greet.ts': 'export default {' });");
    expect((await until(lines, 'SYNTAX_ERROR')).message).toContain('tools/greet.ts');
    expect(await call('greet')).toBe('Bye Ada');

    await rig.write({ 'tools/greet.ts': ECHO });
    console.error('MARK 8', "await rig.write({ 'tools/greet.ts': ECHO });");
    await until(lines, 'SWAPPED');
    console.error('MARK 9', "await until(lines, 'SWAPPED');");
    await rig.write({ 'tools/added.ts': ECHO });
    console.error('MARK 10', "await rig.write({ 'tools/added.ts': ECHO });");
    await until(lines, 'SWAPPED');
    console.error('MARK 11', "await until(lines, 'SWAPPED');");
    expect((await client.listTools()).tools.map((tool) => tool.name)).toContain('added');

    await client.close();
    console.error('MARK 12', 'await client.close();');
    child.kill('SIGINT');
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
    console.error('MARK 13', 'await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();');
  });
});
