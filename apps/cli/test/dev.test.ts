import { once } from 'node:events';
import { freePort } from '@mcpgen/testing';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { describe, expect, it } from 'vitest';
import { cliRig, ECHO } from './cli-rig.ts';

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

    const client = new Client({ name: 'test', version: '1' });
    await client.connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`)));
    const call = async (name: string) => text(await client.callTool({ name, arguments: { text: 'Ada' } }));
    expect(await call('greet')).toBe('Hello Ada');

    await rig.write({ 'tools/greet.ts': ECHO.replace('=> text', '=> `Bye ${text}`') });
    await until(lines, 'SWAPPED');
    expect(await call('greet')).toBe('Bye Ada');

    // A shared module reaches the tool that imports it.
    await rig.write({ 'lib/greet.ts': 'export const greet = (name: string): string => `Salut ${name}`;\n' });
    await until(lines, 'SWAPPED');
    expect(await call('other')).toBe('Salut Ada');

    await rig.write({ 'tools/greet.ts': 'export default {' });
    expect((await until(lines, 'SYNTAX_ERROR')).message).toContain('tools/greet.ts');
    expect(await call('greet')).toBe('Bye Ada');

    await rig.write({ 'tools/greet.ts': ECHO });
    await until(lines, 'SWAPPED');
    await rig.write({ 'tools/added.ts': ECHO });
    await until(lines, 'SWAPPED');
    expect((await client.listTools()).tools.map((tool) => tool.name)).toContain('added');

    await client.close();
    child.kill('SIGINT');
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
  });
});
