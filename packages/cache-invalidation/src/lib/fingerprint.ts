import { type Digest, digestOf, jsonText } from '@mcpgen/build-cache';

/** Everything that can change a step's result, and nothing else. */
export interface FingerprintParts {
  /** The step's name: two steps with the same inputs still write different files. */
  readonly step: string;
  /** The step's own format, raised when its code gives another result for the same inputs. */
  readonly version: number;
  /** As much of the generator's version as the result depends on: `2.4` where patch releases change no output. */
  readonly generator: string;
  /** Operating system, processor, C library or Node ABI, where the result holds for one only. */
  readonly platform?: string;
  /** What the step reads, by path relative to the project. The path is in the key too: it shows in errors and names. */
  readonly files?: Readonly<Record<string, Digest>>;
  /** Values of the environment that it may read, by name: their digests, never themselves; `unset` for one that is not set. */
  readonly environment?: Readonly<Record<string, Digest | 'unset'>>;
  /** Versions of packages whose code it reads, by name. */
  readonly packages?: Readonly<Record<string, string>>;
  /** JSON by name. The order of names does not count; the order inside a value does, because it can show in the result. */
  readonly options?: Readonly<Record<string, unknown>>;
  /**
   * The *output* digests of the steps it reads from, by name: where one runs again and gives the same, this key stays
   * and the wave of changes ends.
   */
  readonly needs?: Readonly<Record<string, Digest>>;
}

/** The key of a step's result, and what it was made from, short, to say later what differed. */
export interface Fingerprint {
  readonly key: Digest;
  /** By `file:<path>`, `env:<name>`, `package:<name>`, `option:<name>`, `need:<step>`, `version`, `generator`, `platform`. */
  readonly components: Readonly<Record<string, string>>;
}

/** Values up to this length are kept as they are, so that an explanation can show them. */
const SHOWN = 80;

/** Raised when the record below takes another form. */
const RECORD = 'mcpgen fingerprint 1';

/** Computes the key of a step from all that can change its result. */
export function fingerprint(parts: FingerprintParts): Fingerprint {
  const { files = {}, environment = {}, packages = {}, options = {}, needs = {} } = parts;
  const fields: [string, string][] = [
    ['generator', parts.generator],
    ['version', String(parts.version)],
  ];
  if (parts.platform !== undefined) fields.push(['platform', parts.platform]);
  for (const [path, digest] of Object.entries(files)) fields.push([`file:${path}`, digest]);
  for (const [name, value] of Object.entries(environment)) fields.push([`env:${name}`, value]);
  for (const [name, value] of Object.entries(packages)) fields.push([`package:${name}`, value]);
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined) fields.push([`option:${name}`, jsonText(value, name)]);
  }
  for (const [step, digest] of Object.entries(needs)) fields.push([`need:${step}`, digest]);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  let components: Fingerprint['components'] | undefined;
  return {
    // A JSON array of strings has one reading only: no separator inside a name can make two records the same.
    key: digestOf(JSON.stringify([RECORD, parts.step, fields])),
    // Most steps are found fresh by their key, and nobody asks what it was made from.
    get components() {
      components ??= Object.fromEntries(fields.map(([name, value]) => [name, shorten(value)]));
      return components;
    },
  };
}

function shorten(value: string): string {
  if (value.startsWith('sha256:')) return value.slice(7, 23);
  return value.length <= SHOWN ? value : `#${digestOf(value).slice(7, 23)}`;
}
