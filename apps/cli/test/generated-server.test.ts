import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@mcpgen/testing';
import { type ConformanceResult, runAll, runRequirements } from '@mcpgen/testing/conformance';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliRig, cliRig, REPOSITORY } from './cli-rig.ts';

const EXAMPLE = join(REPOSITORY, 'examples/everything');

describe('the server that mcpgen build makes of examples/everything', () => {
  let rig: CliRig;
  let server: ChildProcess;
  let url: string;

  beforeAll(async () => {
    rig = await cliRig({});
    for (const name of ['tools', 'resources', 'prompts', 'samples.ts', 'package.json']) {
      cpSync(join(EXAMPLE, name), join(rig.directory, name), { recursive: true });
    }
    const ran = await rig.run(['build', '--no-image', '--profile', 'optimized', '--no-typecheck']);
    if (ran.code !== 0) throw new Error(ran.stderr);
    const port = await freePort();
    url = `http://127.0.0.1:${port}/mcp`;
    server = spawn(process.execPath, [join(rig.directory, 'dist/server/main.js')], {
      env: { ...process.env, PORT: String(port) },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let log = '';
    for await (const chunk of server.stderr ?? []) {
      log += chunk;
      if (log.includes(url)) break;
    }
    server.stderr?.resume();
  });

  afterAll(async () => {
    server.kill('SIGTERM');
    const [code] = await once(server, 'exit');
    await rig[Symbol.asyncDispose]();
    expect(code).toBe(0);
  });

  it.each([
    ['all that 2026-07-28 requires', () => runRequirements(url, '2026-07-28'), 37],
    ['all that 2025-11-25 requires', () => runRequirements(url, '2025-11-25'), 30],
    ['every scenario of 2025-11-25', () => runAll(url, '2025-11-25'), 33],
    ['every scenario of 2025-06-18', () => runAll(url, '2025-06-18'), 27],
  ] as const)('passes %s of the official conformance suite', { timeout: 120_000 }, async (_what, run, scenarios) => {
    const result = await run();
    expect(failures(result)).toEqual([]);
    expect(result.exitCode, result.output).toBe(0);
    expect(result.scenarios.filter(({ required }) => required)).toHaveLength(scenarios);
  });

  it('passes the scenario on JSON Schema, which the suite calls pending', { timeout: 60_000 }, async () => {
    const { scenarios } = await runAll(url, '2025-11-25');
    expect(scenarios.find(({ name }) => name === 'json-schema-2020-12')).toMatchObject({ failed: 0 });
  });

  it('serves the official client over HTTP and stdio alike', async () => {
    const http = new Client({ name: 'test', version: '1' });
    await http.connect(new StreamableHTTPClientTransport(new URL(url)));
    const stdio = new Client({ name: 'test', version: '1' });
    await stdio.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [join(rig.directory, 'dist/server/main.js'), '--stdio'],
      }),
    );
    for (const client of [http, stdio]) {
      const { tools } = await client.listTools();
      expect(tools.map((tool) => tool.name)).toContain('test_simple_text');
      expect(await client.callTool({ name: 'test_simple_text', arguments: {} })).toMatchObject({
        content: [{ type: 'text' }],
      });
      expect((await client.listPrompts()).prompts.length).toBe(5);
      expect((await client.listResources()).resources.length).toBeGreaterThan(0);
      await client.close();
    }
  });

  it('loads neither zod nor a tool before it is called', () => {
    const main = readFileSync(join(rig.directory, 'dist/server/runtime/main.js'), 'utf8');
    const reached = new Set<string>();
    const visit = (file: string, text: string): void => {
      for (const [, path = ''] of text.matchAll(/(?:^|[;\n}])\s*import\s*(?:[^'"()]*?from\s*)?["'](\.[^"']+)["']/g)) {
        const target = join(file, '..', path);
        if (reached.has(target)) continue;
        reached.add(target);
        visit(target, readFileSync(target, 'utf8'));
      }
    };
    visit(join(rig.directory, 'dist/server/runtime/main.js'), main);
    expect([...reached].filter((path) => /\/(deps|modules|validators)\//.test(path))).toEqual([]);
    expect(readdirSync(join(rig.directory, 'dist/server/deps'))).toContain('zod.js');
  });
});

function failures({ scenarios }: ConformanceResult): readonly string[] {
  return scenarios
    .filter(({ required, failed }) => required && failed > 0)
    .map(({ name, failed }) => `${name}: ${failed}`);
}
