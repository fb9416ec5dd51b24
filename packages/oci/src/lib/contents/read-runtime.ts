import type { ContentReader } from '../content-store.ts';
import type { ContainerConfig } from '../image-config.ts';
import type { Layer } from '../write-layer.ts';
import { streamSource } from './byte-source.ts';
import { type ArchivedMember, readTar } from './read-tar.ts';
import { unpackLayer } from './unpack-layer.ts';

/** What programs for Node need to be the same when the base below them changes. */
export interface Runtime {
  /** `24.21.0`; absent where the layers have no Node. */
  readonly node?: string;
  /** Where it lies, as the layers have it: `usr/local/bin/node`. Several where there are links. */
  readonly paths: readonly string[];
  /** Absent where the layers have no C library of these. */
  readonly libc?: 'glibc' | 'musl';
}

/**
 * Finds Node and the C library in the layers of a base. The layers are read: their files are not told anywhere else.
 *
 * @throws {OciError} `DOCUMENT_INVALID`, `LAYER_TOO_LARGE`, and what reading throws.
 */
export async function readRuntime(
  store: ContentReader,
  { layers, config }: { readonly layers: readonly Layer[]; readonly config: ContainerConfig },
): Promise<Runtime> {
  const paths: string[] = [];
  let version: string | undefined;
  let libc: Runtime['libc'];
  for (const layer of layers) {
    await using source = streamSource(unpackLayer(store, layer));
    for await (const member of readTar(source, `layer "${layer.digest}" from ${store.location}`)) {
      libc = libcOf(member.path) ?? libc;
      if (!/(?:^|\/)bin\/node(?:js)?$/.test(member.path) || member.kind === 'directory') continue;
      paths.push(member.path);
      if (member.kind === 'file') version = (await versionIn(member)) ?? version;
    }
  }
  // The official images say so themselves.
  const told = (config.Env ?? []).find((item) => item.startsWith('NODE_VERSION='))?.slice('NODE_VERSION='.length);
  const node = version ?? (paths.length > 0 ? told : undefined);
  return { paths, ...(node !== undefined && { node }), ...(libc !== undefined && { libc }) };
}

/** By the loader, whose name programs carry. */
function libcOf(path: string): 'glibc' | 'musl' | undefined {
  if (/(?:^|\/)ld-musl-[^/]+\.so\.1$/.test(path)) return 'musl';
  return /(?:^|\/)ld-linux[^/]*\.so\.\d+$/.test(path) ? 'glibc' : undefined;
}

/** Node tells where its own headers are to be had: `…/download/release/v24.21.0/node-v24.21.0-headers.tar.gz`. */
const HEADERS = /\/node-v(\d+\.\d+\.\d+)[^/\0]{0,64}-headers\.tar\.gz/;

/** As long as the text may be that is looked for. */
const OVERLAP = 256;

async function versionIn(member: ArchivedMember): Promise<string | undefined> {
  let before = '';
  for await (const piece of member.content()) {
    const text = before + Buffer.from(piece).toString('latin1');
    const version = HEADERS.exec(text)?.[1];
    if (version !== undefined) return version;
    before = text.slice(-OVERLAP);
  }
  return undefined;
}
