import { isDeepStrictEqual } from 'node:util';
import { assembleImage, type Base, type RunConfig } from './assemble-image.ts';
import type { Runtime } from './contents/read-runtime.ts';
import type { Image } from './image.ts';
import type { ContainerConfig } from './image-config.ts';
import { rebaseRefused } from './image-errors.ts';

/** A base with what programs in it rely on: see `readRuntime`. */
export interface RuntimeBase extends Base {
  readonly runtime: Runtime;
}

/** Which base to take away and which to put in its place. */
export interface RebaseOptions {
  /** Of the image, for messages. */
  readonly name: string;
  readonly oldBase: RuntimeBase;
  readonly newBase: RuntimeBase;
}

/**
 * Swaps the base of an image in its documents alone: the layers above it stay as they are, byte for byte. What the image
 * sets itself (what differs from the old base's configuration) is set on top of the new base's. Pure.
 *
 * @throws {OciError} `REBASE_REFUSED` where the old base is not what the image begins with, or the new one has another
 * platform, C library, Node ABI (its major version) or place of Node.
 */
export function rebaseImage(image: Image, { name, oldBase, newBase }: RebaseOptions): Image {
  checkPrefix(image, name, oldBase);
  checkFit(image, name, { oldBase, newBase });
  const own = image.layers.slice(oldBase.layers.length);
  const told = image.config.history.filter((entry) => !entry.empty_layer).slice(oldBase.layers.length);
  const { created } = image.config;
  const { [BASE_DIGEST]: _, [BASE_NAME]: __, ...annotations } = image.manifest.annotations ?? {};
  return assembleImage({
    base: newBase,
    layers: own.map((layer, position) => ({ layer, createdBy: told[position]?.created_by ?? '' })),
    config: ownConfig(image.config.config, oldBase.config),
    platform: image.descriptor.platform ?? image.config,
    ...(created !== undefined && { created: new Date(created) }),
    annotations,
  });
}

/** Where an image says what it was built on: https://github.com/opencontainers/image-spec/blob/v1.1.1/annotations.md */
export const BASE_DIGEST = 'org.opencontainers.image.base.digest';
export const BASE_NAME = 'org.opencontainers.image.base.name';

function checkPrefix({ config, layers }: Image, name: string, oldBase: Base): void {
  const begins = oldBase.layers.every(({ diffId }, position) => config.rootfs.diff_ids[position] === diffId);
  if (begins && layers.length > oldBase.layers.length) return;
  const problem = begins ? `it has no layers above "${oldBase.name}"` : `it does not begin with "${oldBase.name}"`;
  throw rebaseRefused(name, problem, 'Name the base that it was built on, or build it again on the new base.');
}

function checkFit(image: Image, name: string, bases: { readonly oldBase: RuntimeBase; readonly newBase: RuntimeBase }) {
  const { oldBase, newBase } = bases;
  const before = factsOf(oldBase);
  const after = factsOf(newBase);
  for (const [what, value] of before) {
    const now = after.get(what) ?? 'none';
    if (value !== now) {
      throw rebaseRefused(
        name,
        `"${newBase.name}" has ${what} ${now} instead of ${value}`,
        'Build it on the new base.',
      );
    }
  }
  const program = image.config.config.Entrypoint?.[0];
  if (program === undefined || !/(?:^|\/)node(?:js)?$/.test(program)) return;
  if (newBase.runtime.paths.length > 0 && !startsIn(program, newBase)) {
    throw rebaseRefused(name, `"${newBase.name}" has no "${program}" to start it`, 'Build it on the new base.');
  }
}

/** Packages with native parts fit one C library and one major version of Node. */
function factsOf({ platform, runtime }: RuntimeBase): ReadonlyMap<string, string> {
  return new Map([
    ['the platform', platform === undefined ? 'none' : `${platform.os}/${platform.architecture}`],
    ['the C library', runtime.libc ?? 'none'],
    ['Node', runtime.node?.split('.')[0] ?? 'none'],
  ]);
}

/** Whether the program is there: by its path, or on the base's `PATH`. */
function startsIn(program: string, { config, runtime }: RuntimeBase): boolean {
  const path = (config.Env ?? []).find((item) => item.startsWith('PATH='))?.slice('PATH='.length) ?? '';
  const places = program.startsWith('/') ? [program] : path.split(':').map((folder) => `${folder}/${program}`);
  return places.some((place) => runtime.paths.includes(place.replace(/^\/+/, '')));
}

/** What an image says that its base does not. */
function ownConfig(config: ContainerConfig, base: ContainerConfig): RunConfig {
  const inherited = new Set(base.Env ?? []);
  const env = (config.Env ?? []).filter((item) => !inherited.has(item));
  const changed = <T>(own: T | undefined, old: T | undefined): T | undefined =>
    isDeepStrictEqual(own, old) ? undefined : own;
  const labels = Object.entries(config.Labels ?? {}).filter(([key, value]) => base.Labels?.[key] !== value);
  const ports = Object.keys(config.ExposedPorts ?? {}).filter((port) => base.ExposedPorts?.[port] === undefined);
  return withoutAbsent({
    entrypoint: changed(config.Entrypoint, base.Entrypoint),
    cmd: changed(config.Cmd, base.Cmd),
    user: changed(config.User, base.User),
    workingDirectory: changed(config.WorkingDir, base.WorkingDir),
    stopSignal: changed(config.StopSignal, base.StopSignal),
    env: Object.fromEntries(env.map((item) => [item.slice(0, item.indexOf('=')), item.slice(item.indexOf('=') + 1)])),
    labels: Object.fromEntries(labels),
    exposedPorts: ports,
  });
}

function withoutAbsent(config: { readonly [Key in keyof RunConfig]: RunConfig[Key] | undefined }): RunConfig {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
}
