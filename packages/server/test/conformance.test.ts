import { type HttpService, type McpServer, serveHttp } from '@mcpgen/server/runtime';
import { type ConformanceResult, runAll, runRequirements } from '@mcpgen/testing/conformance';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { everythingServer } from './everything.ts';

describe('the official conformance suite', () => {
  let server: McpServer;
  let service: HttpService;

  beforeAll(async () => {
    server = await everythingServer();
    service = await serveHttp(server, { port: 0 });
  });

  afterAll(async () => {
    await service.close();
    await server.close();
  });

  it.each([
    ['all that 2026-07-28 requires', () => runRequirements(service.url, '2026-07-28'), 37],
    ['all that 2025-11-25 requires', () => runRequirements(service.url, '2025-11-25'), 30],
    ['every scenario of 2025-11-25', () => runAll(service.url, '2025-11-25'), 33],
    ['every scenario of 2025-06-18', () => runAll(service.url, '2025-06-18'), 27],
  ] as const)('passes %s', async (_what, run, scenarios) => {
    const result = await run();
    expect(failures(result)).toEqual([]);
    expect(result.exitCode, result.output).toBe(0);
    expect(result.scenarios.filter(({ required }) => required)).toHaveLength(scenarios);
  });
});

function failures({ scenarios }: ConformanceResult): readonly string[] {
  return scenarios
    .filter(({ required, failed }) => required && failed > 0)
    .map(({ name, failed }) => `${name}: ${failed}`);
}
