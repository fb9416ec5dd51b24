import { describe, expect, it } from 'vitest';
import { serviceForTest } from './service-for-test.ts';

describe('serviceForTest', () => {
  const script = 'scripts/services/start-registry.sh';

  it('gives the address', () => {
    const environment = { MCPGEN_TEST_REGISTRY: '127.0.0.1:5000' };
    expect(serviceForTest('MCPGEN_TEST_REGISTRY', { script, environment })).toEqual({
      kind: 'present',
      address: '127.0.0.1:5000',
    });
  });

  it.each([{}, { CI: '1' }, { MCPGEN_TEST_REQUIRE_SERVICES: '1' }])('tells why it is absent with %j', (environment) => {
    const found = serviceForTest('MCPGEN_TEST_REGISTRY', { script, environment });
    expect(found).toEqual({ kind: 'absent', reason: expect.stringContaining(script) });
  });

  it('fails where services are required', () => {
    const environment = { CI: 'true', MCPGEN_TEST_REQUIRE_SERVICES: '1' };
    expect(() => serviceForTest('MCPGEN_TEST_REGISTRY', { script, environment })).toThrow(
      'MCPGEN_TEST_REGISTRY is not set',
    );
  });
});
