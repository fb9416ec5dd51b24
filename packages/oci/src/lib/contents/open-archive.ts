import { stat } from 'node:fs/promises';
import type { ContentReader, ReferrerReader } from '../content-store.ts';
import type { Descriptor } from '../descriptor.ts';
import { type Digest, digestHex } from '../digest.ts';
import { blobNotFound, errnoOf, OciError } from '../errors.ts';
import { findListed } from '../find-listed.ts';
import { archiveInvalid } from '../image-errors.ts';
import { parseJsonDocument } from '../json-document.ts';
import { type Index, parseIndex } from '../manifest.ts';
import { MEDIA_TYPE } from '../media-type.ts';
import { listedReferrers } from '../referrers/listed-referrers.ts';
import { collectContent, verifyContent } from '../verify-content.ts';
import { type ByteSource, fileSource } from './byte-source.ts';
import { readTar } from './read-tar.ts';

/** An image layout in one tar file, to be read. */
export interface Archive extends ContentReader, ReferrerReader {
  /** What its `index.json` lists, tagged or not. */
  list(): Promise<readonly Descriptor[]>;
  /**
   * The descriptor behind a tag or a digest.
   *
   * @throws {OciError} `TAG_NOT_FOUND`
   */
  resolve(reference: string): Promise<Descriptor>;
}

/**
 * Opens a tar that holds an image layout, as `writeImageArchive`, `docker save` since version 25 and `oci-archive:` of
 * other tools write it. Its headers are read at once, blobs where they lie when they are asked for.
 *
 * @throws {OciError} `ARCHIVE_INVALID`
 */
export async function openArchive(file: string): Promise<Archive> {
  const members = await readMembers(file);
  if (!members.has('index.json')) {
    const problem = members.has('manifest.json') ? 'it is in the form that Docker wrote before version 25' : NO_LAYOUT;
    throw archiveInvalid(file, problem);
  }
  const location = `archive "${file}"`;
  const index = await readIndex(file, members);
  const place = ({ digest }: { readonly digest: Digest }) => members.get(`blobs/sha256/${digestHex(digest)}`);
  const archive: Archive = {
    location,
    referrers: (subject) => listedReferrers(archive, subject),
    has: async (descriptor) => place(descriptor)?.size === descriptor.size,
    async *read(descriptor) {
      const found = place(descriptor);
      if (found === undefined) throw blobNotFound(location, descriptor.digest);
      yield* verifyContent(readPlace(file, found), descriptor, `"${descriptor.digest}" from ${location}`);
    },
    list: async () => index.manifests,
    resolve: async (reference) => findListed(index.manifests, reference, location),
  };
  return archive;
}

const NO_LAYOUT = 'it has no "index.json"';

/** Where the content of a member lies. */
interface Place {
  readonly offset: number;
  readonly size: number;
}

async function readMembers(file: string): Promise<ReadonlyMap<string, Place>> {
  const { size } = await stat(file).catch((cause: unknown) => {
    throw archiveInvalid(file, errnoOf(cause) === 'ENOENT' ? 'there is no such file' : 'it cannot be read', cause);
  });
  await using source = await fileSource(file);
  await checkMagic(source, file);
  await using members = await fileSource(file);
  const places = new Map<string, Place>();
  try {
    for await (const member of readTar(members, `"${file}"`)) {
      if (member.offset + member.size > size) throw archiveInvalid(file, `it ends within "${member.path}"`);
      if (member.kind === 'file') places.set(member.path, { offset: member.offset, size: member.size });
    }
  } catch (cause) {
    if (cause instanceof OciError && cause.code === 'DOCUMENT_INVALID') {
      throw archiveInvalid(file, 'it is no tar archive, or it is damaged', cause);
    }
    throw cause;
  }
  return places;
}

/** A compressed archive cannot be read in places. */
async function checkMagic(source: ByteSource, file: string): Promise<void> {
  const magic = (await source.take(4)).toString('hex');
  if (magic.startsWith('1f8b') || magic === '28b52ffd') throw archiveInvalid(file, 'it is compressed: unpack it first');
}

async function readIndex(file: string, members: ReadonlyMap<string, Place>): Promise<Index> {
  const read = async (name: string): Promise<Buffer> => {
    const found = members.get(name);
    if (found === undefined) throw archiveInvalid(file, `it has no "${name}"`);
    if (found.size > MAX_INDEX) throw archiveInvalid(file, `its "${name}" has more than 4 MiB`);
    return collectContent(readPlace(file, found));
  };
  const { imageLayoutVersion } = parseJsonDocument(await read('oci-layout'), `"oci-layout" of "${file}"`);
  if (imageLayoutVersion !== '1.0.0') throw archiveInvalid(file, 'the version of its layout is not 1.0.0');
  return parseIndex(await read('index.json'), MEDIA_TYPE.index, `"index.json" of "${file}"`);
}

const MAX_INDEX = 4 * 1024 * 1024;

async function* readPlace(file: string, { offset, size }: Place): AsyncGenerator<Uint8Array> {
  await using source = await fileSource(file);
  await source.skip(offset);
  yield* source.pieces(size);
}
