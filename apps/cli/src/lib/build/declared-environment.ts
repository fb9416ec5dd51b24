import { type Digest, digestOf } from '@mcpgen/build-cache';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where Node itself may need these to start. The describer takes them away before it loads a module. */
const LOADER = ['LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH'];

/** The environment in which modules are loaded to be described: what was declared, and nothing else of this one. */
export function describerEnvironment(
  declared: readonly string[],
  environment: Environment,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...LOADER, ...declared].flatMap((name) => {
      const value = readValue(name, environment);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** What of it enters keys and records: a value may be a secret, so it is only there as a digest, with its name. */
export function declaredDigests(
  declared: readonly string[],
  environment: Environment,
): Readonly<Record<string, Digest | 'unset'>> {
  const names = [...new Set(declared)].sort((a, b) => (a < b ? -1 : 1));
  return Object.fromEntries(
    names.map((name) => {
      const value = readValue(name, environment);
      return [name, value === undefined ? 'unset' : digestOf(JSON.stringify([name, value]))];
    }),
  );
}

function readValue(name: string, environment: Environment): string | undefined {
  return Object.hasOwn(environment, name) ? environment[name] : undefined;
}
