import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { registriesInvalid } from '../errors.ts';

/** How one registry is reached from this machine. */
export interface RegistrySettings {
  /** Asked first when something is read: a host, or a host with the beginning of names (`mirror.example.com/hub`). */
  readonly mirrors?: readonly string[];
  /** Absolute: certificates in PEM that are trusted besides the usual ones. */
  readonly ca?: string;
  /** Plain HTTP. */
  readonly plainHttp?: boolean;
  /** Any certificate will do. */
  readonly skipVerify?: boolean;
  /** Hosts of token services that may get this registry's credentials. */
  readonly tokenHosts?: readonly string[];
}

/** By host and port. */
export type MachineRegistries = Readonly<Record<string, RegistrySettings>>;

/**
 * Reads how registries are reached from this machine: from the file that `MCPGEN_REGISTRIES` names, else
 * `mcpgen/registries.json` where the user keeps configurations. It is a matter of the machine and its network, so the
 * configuration of a project has no part in it. Throws a `CliError` for a file that cannot be used.
 */
export function readRegistrySettings(environment: Readonly<Record<string, string | undefined>>): MachineRegistries {
  const { MCPGEN_REGISTRIES: named, XDG_CONFIG_HOME: home } = environment;
  const file = named || join(home || join(environment.HOME ?? homedir(), '.config'), 'mcpgen', 'registries.json');
  const text = readText(file, named !== undefined && named !== '');
  if (text === undefined) return {};
  const settings = Object.entries(recordIn(parseJson(text, file), file, 'an object of registries'));
  return Object.fromEntries(
    settings.map(([host, value]) => [host.toLowerCase(), checkSettings(value, { host, file })]),
  );
}

const LISTS: ReadonlySet<string> = new Set(['mirrors', 'tokenHosts']);
const FLAGS: ReadonlySet<string> = new Set(['plainHttp', 'skipVerify']);

/** By hand: the schema library costs more than reading the file. */
function checkSettings(
  value: unknown,
  { host, file }: { readonly host: string; readonly file: string },
): RegistrySettings {
  const settings = recordIn(value, file, `an object for "${host}"`);
  for (const [name, field] of Object.entries(settings)) {
    const isText = (item: unknown): boolean => typeof item === 'string' && item !== '';
    if (LISTS.has(name) && !(Array.isArray(field) && field.every(isText))) {
      throw registriesInvalid(file, `expected a list of names as "${host}.${name}"`);
    }
    if (FLAGS.has(name) && typeof field !== 'boolean') {
      throw registriesInvalid(file, `expected true or false as "${host}.${name}"`);
    }
    if (name === 'ca' && !isText(field)) throw registriesInvalid(file, `expected a file as "${host}.ca"`);
    if (name !== 'ca' && !LISTS.has(name) && !FLAGS.has(name)) {
      const known = ['ca', ...FLAGS, ...LISTS].sort().join(', ');
      throw registriesInvalid(file, `unknown field "${host}.${name}", expected ${known}`);
    }
  }
  const { ca } = settings;
  return { ...settings, ...(typeof ca === 'string' && { ca: isAbsolute(ca) ? ca : resolve(dirname(file), ca) }) };
}

function recordIn(value: unknown, file: string, expected: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object(value);
  throw registriesInvalid(file, `expected ${expected}`);
}

function readText(file: string, mustExist: boolean): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (!mustExist && error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw registriesInvalid(file, 'it cannot be read', error);
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw registriesInvalid(file, 'it is not JSON');
  }
}
