import { type Digest, parseDigest } from './digest.ts';
import { documentInvalid } from './errors.ts';
import { isRecord, type JsonRecord, parseJsonDocument } from './json-document.ts';
import type { Platform } from './platform.ts';

/** How to run the image: https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md. Unknown fields are kept. */
export interface ContainerConfig {
  readonly User?: string;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
  readonly [other: string]: unknown;
}

/** How one layer, or one change of the configuration alone, came to be. */
export interface HistoryEntry {
  readonly created?: string;
  readonly created_by?: string;
  readonly comment?: string;
  readonly author?: string;
  readonly empty_layer?: boolean;
}

/** The configuration blob of an image. Unknown fields are kept. */
export interface ImageConfig extends Platform {
  readonly created?: string;
  readonly config: ContainerConfig;
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly Digest[] };
  readonly history: readonly HistoryEntry[];
  readonly [other: string]: unknown;
}

/**
 * Takes an image configuration from bytes that came from outside.
 *
 * @throws {OciError} `DOCUMENT_INVALID`, `DIGEST_INVALID`
 */
export function parseImageConfig(bytes: Uint8Array, what = 'the image configuration'): ImageConfig {
  const document = parseJsonDocument(bytes, what);
  const { os, architecture, variant, rootfs, history = [], config } = document;
  if (typeof os !== 'string' || typeof architecture !== 'string') {
    throw documentInvalid(what, 'it must name "os" and "architecture"');
  }
  if (!isRecord(rootfs) || rootfs.type !== 'layers' || !Array.isArray(rootfs.diff_ids)) {
    throw documentInvalid(what, 'it must have "rootfs" of type "layers" with a list "diff_ids"');
  }
  const { variant: _, ...rest } = document;
  return {
    ...rest,
    os,
    architecture,
    ...(typeof variant === 'string' && variant !== '' && { variant }),
    ...readCreated(document),
    config: readContainerConfig(config ?? {}, what),
    rootfs: { type: 'layers', diff_ids: rootfs.diff_ids.map(parseDigest) },
    history: readHistory(history, what),
  };
}

function readCreated({ created }: JsonRecord): { created?: string } {
  return typeof created === 'string' ? { created } : {};
}

function readContainerConfig(value: unknown, what: string): ContainerConfig {
  if (!isRecord(value)) throw documentInvalid(what, 'expected "config" to be an object');
  for (const name of ['Env', 'Entrypoint', 'Cmd']) {
    const list = value[name];
    if (
      list !== undefined &&
      list !== null &&
      !(Array.isArray(list) && list.every((item) => typeof item === 'string'))
    ) {
      throw documentInvalid(what, `expected "config.${name}" to be a list of strings`);
    }
  }
  for (const name of ['User', 'WorkingDir', 'StopSignal']) {
    if (value[name] !== undefined && typeof value[name] !== 'string') {
      throw documentInvalid(what, `expected "config.${name}" to be a string`);
    }
  }
  for (const name of ['Labels', 'ExposedPorts']) {
    if (value[name] !== undefined && value[name] !== null && !isRecord(value[name])) {
      throw documentInvalid(what, `expected "config.${name}" to be an object`);
    }
  }
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== null));
}

function readHistory(value: unknown, what: string): readonly HistoryEntry[] {
  if (value === null) return [];
  if (!Array.isArray(value) || !value.every(isRecord))
    throw documentInvalid(what, 'expected "history" to be a list of objects');
  return value.map((entry) => ({
    ...pickString(entry, 'created'),
    ...pickString(entry, 'created_by'),
    ...pickString(entry, 'comment'),
    ...pickString(entry, 'author'),
    ...(entry.empty_layer === true && { empty_layer: true }),
  }));
}

function pickString<K extends string>(record: JsonRecord, key: K): { [name in K]?: string } | object {
  return typeof record[key] === 'string' ? { [key]: record[key] } : {};
}
