import { createHash } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Base } from './assemble-image.ts';
import { errnoOf, hostBaseUnsupported } from './errors.ts';
import type { LayerEntry } from './layer-entry.ts';
import { listSharedLibraries, type SharedLibraries } from './list-shared-libraries.ts';
import { type Platform, platformOf } from './platform.ts';
import { type Layer, type WriteLayerOptions, writeLayer } from './write-layer.ts';

/** The user that images run as: the number that distroless images have made common. */
export const NONROOT_USER = '65532:65532';

/** What tells about this machine's Node; pass `process` values. */
export interface HostBaseOptions {
  /** The binary to put into the image: `process.execPath`. */
  readonly executable: string;
  /** `process.platform` and `process.arch` of that binary. */
  readonly platform: string;
  readonly arch: string;
}

/** What the host base will hold, told in a few milliseconds without reading the files. */
export interface HostBasePlan {
  readonly platform: Platform;
  readonly entries: readonly LayerEntry[];
  /**
   * Changes when a file of the base changes, as far as path, size and time tell. Means something on this machine only:
   * the key of a local cache, never of a shared one.
   */
  readonly fingerprint: string;
}

/**
 * Plans the base image `host`: the Node binary that runs, the shared libraries it loads, certificates, a user `nonroot`,
 * `/tmp`. No shell, no package manager.
 *
 * @throws {OciError} `HOST_BASE_UNSUPPORTED` where the binary is not for Linux, `HOST_LIBRARY_MISSING`
 */
export async function planHostBase({ executable, platform, arch }: HostBaseOptions): Promise<HostBasePlan> {
  if (platform !== 'linux') throw hostBaseUnsupported(`images run on Linux and this is ${platform}`);
  const node = await realpath(executable);
  const libraries = await listSharedLibraries(node);
  const entries = [
    { kind: 'file', path: NODE_PATH, mode: 0o755, source: node } as const,
    ...(await libraryEntries(libraries)),
    ...(await certificateEntries()),
    ...SYSTEM_ENTRIES,
  ];
  return { platform: platformOf(platform, arch), entries, fingerprint: await fingerprintOf(entries) };
}

/** Writes the one layer of the host base. Takes seconds: keep the result by the plan's fingerprint and options. */
export async function writeHostBase(plan: HostBasePlan, options: WriteLayerOptions): Promise<Base> {
  return hostBaseOf(plan, await writeLayer(plan.entries, options));
}

/** The host base around a layer that was written before. */
export function hostBaseOf({ platform }: Pick<HostBasePlan, 'platform'>, layer: Layer): Base {
  return {
    name: 'host',
    platform,
    config: {
      Env: ['PATH=/usr/local/bin:/usr/bin:/bin', 'HOME=/tmp'],
      Entrypoint: [`/${NODE_PATH}`],
      User: NONROOT_USER,
    },
    layers: [layer],
    history: [{ created: '1970-01-01T00:00:00Z', created_by: 'mcpgen base:host' }],
  };
}

const NODE_PATH = 'usr/local/bin/node';

const SYSTEM_ENTRIES: readonly LayerEntry[] = [
  text('etc/passwd', 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/tmp:/sbin/nologin\n'),
  text('etc/group', 'root:x:0:\nnonroot:x:65532:\n'),
  text('etc/nsswitch.conf', 'hosts: files dns\n'),
  { kind: 'directory', path: 'tmp', mode: 0o1777 },
];

function text(path: string, content: string): LayerEntry {
  return { kind: 'file', path, source: Buffer.from(content) };
}

/** Each library where the loader found it, and by name beside the C library, which is where a loader looks by default. */
async function libraryEntries({ interpreter, libraries }: SharedLibraries): Promise<readonly LayerEntry[]> {
  if (interpreter === undefined) return [];
  const byPath = new Map<string, LayerEntry>();
  const add = async (path: string) => {
    byPath.set(path, { kind: 'file', path: path.slice(1), mode: 0o755, source: await realpath(path) });
  };
  await add(interpreter);
  for (const { path } of libraries) await add(path);
  const home = homeOf(interpreter, libraries);
  for (const { name, path } of libraries) {
    const expected = join(home, name);
    if (!byPath.has(expected)) byPath.set(expected, { kind: 'symlink', path: expected.slice(1), target: path });
  }
  for (const name of RESOLVER_LIBRARIES) {
    const path = join(home, name);
    if (!byPath.has(path) && (await exists(path))) await add(path);
  }
  return [...byPath.values()];
}

/** The C library loads these by name when a host name is looked up: no ELF header tells of them. */
const RESOLVER_LIBRARIES = ['libnss_dns.so.2', 'libnss_files.so.2', 'libresolv.so.2'];

function homeOf(interpreter: string, libraries: SharedLibraries['libraries']): string {
  const c = libraries.find(({ path }) => basename(path).startsWith('libc.'));
  return dirname(c?.path ?? interpreter);
}

const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

async function certificateEntries(): Promise<readonly LayerEntry[]> {
  if (!(await exists(CERTIFICATES))) return [];
  return [{ kind: 'file', path: CERTIFICATES.slice(1), source: await realpath(CERTIFICATES) }];
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function fingerprintOf(entries: readonly LayerEntry[]): Promise<string> {
  const facts = await Promise.all(
    entries.map(async (entry) => {
      if (entry.kind !== 'file') return entry;
      if (typeof entry.source !== 'string') return { ...entry, source: Buffer.from(entry.source).toString('base64') };
      const { size, mtimeNs, ino } = await stat(entry.source, { bigint: true });
      return { ...entry, size: String(size), mtimeNs: String(mtimeNs), ino: String(ino) };
    }),
  );
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}
