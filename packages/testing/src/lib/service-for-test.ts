/** A service that a test needs, or why the test is left out. */
export type ServiceForTest =
  | { readonly kind: 'present'; readonly address: string }
  | { readonly kind: 'absent'; readonly reason: string };

/**
 * Looks up a service by its environment variable. Where services are required (`CI` and `MCPGEN_TEST_REQUIRE_SERVICES=1`)
 * its absence is an error, so that no test is left out unseen.
 *
 * @param variable `MCPGEN_TEST_REGISTRY`, `MCPGEN_TEST_DOCKER_HOST`
 * @param script what starts it, for the message.
 */
export function serviceForTest(
  variable: string,
  {
    script,
    environment,
  }: { readonly script: string; readonly environment: Readonly<Record<string, string | undefined>> },
): ServiceForTest {
  const address = environment[variable];
  if (address !== undefined && address !== '') return { kind: 'present', address };
  const reason = `${variable} is not set: start the service with ${script}`;
  if (environment.CI && environment.MCPGEN_TEST_REQUIRE_SERVICES === '1')
    throw new Error(`Cannot skip these tests: ${reason}`);
  return { kind: 'absent', reason };
}
