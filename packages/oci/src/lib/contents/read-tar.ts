import { documentInvalid } from '../errors.ts';
import { BLOCK, paddingOf } from '../tar-header.ts';
import type { ByteSource } from './byte-source.ts';

/** What a member of an archive is. `other` stands for devices, pipes and what is newer than this. */
export type TarMemberKind = 'file' | 'directory' | 'symlink' | 'hardlink' | 'other';

/** One member of a tar archive, as it comes by. */
export interface ArchivedMember {
  readonly kind: TarMemberKind;
  /** As written, without leading `./` and trailing `/`. */
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content; 0 unless a file. */
  readonly size: number;
  /** Of a link. */
  readonly target?: string;
  /** Where the content begins in the archive. */
  readonly offset: number;
  /** The content, until the next member is asked for; what is not read is skipped. */
  content(): AsyncGenerator<Uint8Array>;
}

/** Real extended headers hold a path; a megabyte of them is meant to harm. */
const MAX_EXTENDED = 1024 * 1024;

/**
 * Reads the members of a tar archive in order: ustar, pax and GNU's long names, which is what container tools write.
 *
 * @throws {OciError} `DOCUMENT_INVALID` for what is no tar, or is cut.
 */
export async function* readTar(source: ByteSource, what: string): AsyncGenerator<ArchivedMember> {
  let extended: Extended = {};
  for (;;) {
    const block = await source.take(BLOCK);
    if (block.length === 0 || isEmpty(block)) return;
    if (block.length < BLOCK) throw documentInvalid(what, 'the archive ends within a header');
    const header = parseHeader(block, what);
    const read = EXTENDED_READERS.get(header.flag);
    if (read !== undefined) {
      extended = { ...extended, ...read(await takeExtended(source, header.size, what), what) };
      continue;
    }
    const member = toMember(header, extended, source);
    extended = {};
    yield member;
    const end = member.offset + member.size + paddingOf(member.size);
    await source.skip(end - source.position);
    if (source.position < end) throw documentInvalid(what, `the archive ends within "${member.path}"`);
  }
}

interface Header {
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly flag: string;
  readonly target: string;
}

/** What a header before the member's own says of it. */
interface Extended {
  readonly path?: string;
  readonly target?: string;
  readonly size?: number;
}

const KINDS: ReadonlyMap<string, TarMemberKind> = new Map([
  ['0', 'file'],
  ['\0', 'file'],
  ['7', 'file'],
  ['1', 'hardlink'],
  ['2', 'symlink'],
  ['5', 'directory'],
]);

function toMember(header: Header, extended: Extended, source: ByteSource): ArchivedMember {
  const written = extended.path ?? header.path;
  // Before POSIX, a file whose name ends with a slash was a directory.
  const kind = header.flag === '\0' && written.endsWith('/') ? 'directory' : (KINDS.get(header.flag) ?? 'other');
  const target = extended.target ?? header.target;
  const size = extended.size ?? header.size;
  const content = kind === 'file' ? size : 0;
  return {
    kind,
    path: written.replace(/^(?:\.?\/)+/, '').replace(/\/+$/, ''),
    mode: header.mode & 0o7777,
    uid: header.uid,
    gid: header.gid,
    size: content,
    ...((kind === 'symlink' || kind === 'hardlink') && { target }),
    offset: source.position,
    content: () => source.pieces(content),
  };
}

function parseHeader(block: Buffer, what: string): Header {
  checkSum(block, what);
  const text = (start: number, length: number): string => {
    const field = block.subarray(start, start + length);
    const end = field.indexOf(0);
    return field.subarray(0, end < 0 ? length : end).toString('utf8');
  };
  const isUstar = block.subarray(257, 262).toString('latin1') === 'ustar';
  // GNU's own form keeps times where POSIX has the prefix.
  const prefix = isUstar && block[262] === 0 ? text(345, 155) : '';
  const name = text(0, 100);
  return {
    path: prefix === '' ? name : `${prefix}/${name}`,
    mode: readNumber(block, 100, 8, what),
    uid: readNumber(block, 108, 8, what),
    gid: readNumber(block, 116, 8, what),
    size: readNumber(block, 124, 12, what),
    flag: String.fromCharCode(block[156] ?? 0),
    target: text(157, 100),
  };
}

/** Octal digits, or, where the first bit is set, a big-endian number. */
function readNumber(block: Buffer, start: number, length: number, what: string): number {
  const field = block.subarray(start, start + length);
  const first = field[0] ?? 0;
  const value =
    first & 0x80
      ? field.subarray(1).reduce((sum, byte) => sum * 256 + byte, first & 0x7f)
      : Number.parseInt(field.toString('latin1').replace(/[\0 ].*$/s, '') || '0', 8);
  if (!Number.isSafeInteger(value)) throw documentInvalid(what, 'a header of the archive has a number that is none');
  return value;
}

function checkSum(block: Buffer, what: string): void {
  const expected = Number.parseInt(block.subarray(148, 156).toString('latin1'), 8);
  let sum = 8 * 0x20;
  for (let at = 0; at < BLOCK; at++) if (at < 148 || at >= 156) sum += block[at] ?? 0;
  if (sum !== expected) throw documentInvalid(what, 'it is no tar archive, or it is damaged');
}

const EXTENDED_READERS: ReadonlyMap<string, (bytes: Buffer, what: string) => Extended> = new Map([
  ['x', readPax],
  ['g', () => ({})],
  ['L', (bytes: Buffer) => ({ path: untilZero(bytes) })],
  ['K', (bytes: Buffer) => ({ target: untilZero(bytes) })],
]);

async function takeExtended(source: ByteSource, size: number, what: string): Promise<Buffer> {
  if (size > MAX_EXTENDED) throw documentInvalid(what, 'an extended header of the archive has more than 1 MiB');
  const bytes = await source.take(size);
  await source.skip(paddingOf(size));
  if (bytes.length < size) throw documentInvalid(what, 'the archive ends within a header');
  return bytes;
}

/** Records such as `27 path=some/long/name\n`. */
function readPax(bytes: Buffer, what: string): Extended {
  const values = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(bytes.subarray(at, space).toString('latin1'));
    if (space < 0 || !Number.isSafeInteger(length) || length <= space - at) {
      throw documentInvalid(what, 'an extended header of the archive is malformed');
    }
    const record = bytes.subarray(space + 1, at + length - 1).toString('utf8');
    const equals = record.indexOf('=');
    values.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  const path = values.get('path');
  const target = values.get('linkpath');
  const size = values.get('size');
  return {
    ...(path !== undefined && { path }),
    ...(target !== undefined && { target }),
    ...(size !== undefined && { size: sizeIn(size, what) }),
  };
}

function sizeIn(text: string, what: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw documentInvalid(what, 'an extended header of the archive has a size that is none');
}

function untilZero(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.subarray(0, end < 0 ? bytes.length : end).toString('utf8');
}

function isEmpty(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}
