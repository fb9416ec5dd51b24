import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { HttpGuard } from './http-guard.ts';

function check(guard: HttpGuard, host: string | undefined, origin?: string): string | undefined {
  return guard.check({ headers: { host, origin } } as IncomingMessage);
}

describe('HttpGuard', () => {
  const guard = new HttpGuard({ allowedHosts: ['mcp.example'], allowedOrigins: ['https://app.example'] });

  it.each([
    'localhost',
    'localhost:3000',
    'LOCALHOST',
    '127.0.0.1:80',
    '127.1.2.3',
    '[::1]:3000',
    'mcp.example',
    'mcp.example:443',
  ])('lets the host %s pass', (host) => expect(check(guard, host)).toBeUndefined());

  it.each([
    undefined,
    '',
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil',
    'a@localhost',
    '[::2]',
    'localhost:',
    'localhost:1:2',
  ])('refuses the host %s', (host) => expect(check(guard, host)).toBe('Host is not allowed'));

  it('does not let a host pass because another one did', () => {
    expect(check(guard, 'localhost')).toBeUndefined();
    expect(check(guard, 'evil.example')).toBeDefined();
  });

  it.each(['http://localhost', 'http://localhost:5173', 'https://127.0.0.1', 'http://[::1]:80', 'https://app.example'])(
    'lets the origin %s pass',
    (origin) => expect(check(guard, 'localhost', origin)).toBeUndefined(),
  );

  it.each([
    'null',
    '',
    'https://evil.example',
    'http://localhost.evil.example',
    'https://app.example.evil',
    'file://localhost',
    'localhost',
  ])('refuses the origin %s', (origin) => expect(check(guard, 'localhost', origin)).toBe('Origin is not allowed'));

  it('lets only configured origins read', () => {
    expect(guard.readable('https://app.example')).toBe('https://app.example');
    expect(guard.readable('http://localhost')).toBeUndefined();
    expect(guard.readable(undefined)).toBeUndefined();
  });

  it('lets nothing but loopback pass where nothing is configured', () => {
    const empty = new HttpGuard({ allowedHosts: [], allowedOrigins: [] });
    expect(check(empty, 'mcp.example')).toBeDefined();
    expect(check(empty, 'localhost', 'https://app.example')).toBeDefined();
  });
});
