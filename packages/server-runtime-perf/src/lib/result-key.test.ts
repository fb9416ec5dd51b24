import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ResultKeyParts, resultKey } from './result-key.ts';

const caller = { issuer: 'https://id.example', subject: 'ada', clientId: 'desk', scopes: ['read', 'write'] };
const parts: ResultKeyParts = {
  server: 'weather',
  build: 'sha256:1',
  tool: 'forecast',
  version: 'sha256:2',
  scope: 'user',
  caller,
  tenant: 'acme',
  protocolVersion: '2026-07-28',
  reads: { locale: 'en' },
  arguments: { city: 'Bern' },
};

describe('resultKey', () => {
  it('is the same for the same parts, and short whatever they are', () => {
    expect(resultKey({ ...parts, arguments: { city: 'x'.repeat(1000) } })).toMatch(/^[0-9a-f]{64}$/);
    expect(resultKey(parts).length).toBeLessThanOrEqual(512);
    expect(resultKey({ ...parts, arguments: { city: 'Bern' } })).toBe(resultKey(parts));
  });

  it.each<Partial<ResultKeyParts>>([
    { server: 'weather2' },
    { build: 'sha256:9' },
    { tool: 'forecast2' },
    { version: 'sha256:9' },
    { scope: 'public' },
    { caller: { ...caller, issuer: 'https://other.example' } },
    { caller: { ...caller, subject: 'bob' } },
    { caller: { ...caller, clientId: 'phone' } },
    { caller: { ...caller, clientId: undefined } },
    { caller: { ...caller, scopes: ['read'] } },
    { caller: undefined },
    { caller: { issuer: 'anonymous', subject: 'acme', scopes: [] } },
    { tenant: 'other' },
    { tenant: undefined },
    { protocolVersion: '2025-11-25' },
    { protocolVersion: undefined },
    { reads: { locale: 'de' } },
    { reads: { 'accept-language': 'en' } },
    { arguments: { city: 'bern' } },
    { arguments: { city: null } },
    { arguments: { city: '' } },
    { arguments: {} },
    { arguments: ['city', 'Bern'] },
  ])('differs where %o does', (change) => {
    expect(resultKey({ ...parts, ...change })).not.toBe(resultKey(parts));
  });

  it('does not depend on the order of scopes, of keys, or on repeated scopes', () => {
    const scopes = ['write', 'read', 'write'];
    expect(resultKey({ ...parts, caller: { ...caller, scopes } })).toBe(resultKey(parts));
    expect(resultKey({ ...parts, arguments: { b: 1, a: 2 } })).toBe(resultKey({ ...parts, arguments: { a: 2, b: 1 } }));
  });

  it('leaves the caller out of public results, and nothing else', () => {
    const shared = { ...parts, scope: 'public' as const };
    expect(resultKey({ ...shared, caller: undefined, tenant: undefined })).toBe(resultKey(shared));
    expect(resultKey({ ...shared, reads: {} })).not.toBe(resultKey(shared));
  });

  it('never joins two parts into one: keys are equal only where callers, tenants and arguments are', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '|', '=', ',', '"', '\\', '\0', 'é', 'e\u0301', '😀', '\ud83d'),
      maxLength: 3,
    });
    const anyCaller = fc.record({
      issuer: text,
      subject: text,
      clientId: fc.option(text, { nil: undefined }),
      scopes: fc.uniqueArray(text, { maxLength: 2 }),
    });
    const anyCall = fc.record({
      caller: fc.option(anyCaller, { nil: undefined }),
      tenant: fc.option(text, { nil: undefined }),
      arguments: fc.dictionary(text, fc.oneof(text, fc.boolean(), fc.constant(null), fc.integer({ min: 0, max: 2 })), {
        maxKeys: 2,
        noNullPrototype: true,
      }),
    });
    type Call = Pick<ResultKeyParts, 'caller' | 'tenant'> & { arguments: Record<string, unknown> };
    const comparable = ({ caller: who, tenant, arguments: given }: Call) =>
      JSON.stringify([
        who && [who.issuer, who.subject, who.clientId ?? null, [...who.scopes].sort()],
        tenant ?? null,
        Object.entries(given).sort(([one], [other]) => (one < other ? -1 : 1)),
      ]);
    const pair = fc.oneof(
      fc.tuple(anyCall, anyCall),
      anyCall.map((call) => [call, structuredClone(call)] as const),
    );
    fc.assert(
      fc.property(pair, ([left, right]) => {
        const isSame = comparable(left) === comparable(right);
        expect(resultKey({ ...parts, ...left }) === resultKey({ ...parts, ...right })).toBe(isSame);
      }),
      { numRuns: 3000 },
    );
  });

  it('refuses arguments that are not JSON', () => {
    expect(() => resultKey({ ...parts, arguments: { at: new Date(0) } })).toThrow(
      expect.objectContaining({ code: 'NOT_CANONICAL' }),
    );
  });
});
