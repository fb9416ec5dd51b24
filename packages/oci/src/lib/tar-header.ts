/** A block of a tar archive; headers and content are padded to whole blocks. */
export const BLOCK = 512;

/** Two empty blocks end an archive. */
export const TAR_END: Buffer = Buffer.alloc(2 * BLOCK);

/** What a header says. Times are zero and the owner is root, always. */
export interface TarMember {
  readonly kind: 'file' | 'directory' | 'symlink';
  /** Relative, without a trailing slash. */
  readonly path: string;
  readonly mode: number;
  /** Bytes of content that follow; 0 unless a file. */
  readonly size: number;
  /** Of a symbolic link. */
  readonly target?: string;
}

const TYPE_FLAG = { file: '0', directory: '5', symlink: '2' } as const;

/** The largest size that eleven octal digits hold: 8 GiB. */
const MAX_USTAR_SIZE = 0o77777777777;

/**
 * The header of one member in the ustar format of POSIX.1-2001, preceded by a pax header only where ustar cannot hold the
 * path, link or size. (`pax` in https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html)
 */
export function tarHeader(member: TarMember): Buffer {
  const path = member.kind === 'directory' ? `${member.path}/` : member.path;
  const target = member.target ?? '';
  const split = splitPath(path);
  const records: string[] = [];
  if (split === undefined) records.push(paxRecord('path', path));
  if (!fits(target, 100)) records.push(paxRecord('linkpath', target));
  if (member.size > MAX_USTAR_SIZE) records.push(paxRecord('size', String(member.size)));

  const size = member.size > MAX_USTAR_SIZE ? 0 : member.size;
  const [prefix, name] = split ?? ['', shorten(path)];
  const own = ustar({ prefix, name, mode: member.mode, size, flag: TYPE_FLAG[member.kind], target: shorten(target) });
  if (records.length === 0) return own;
  const body = Buffer.from(records.join(''));
  const head = ustar({
    prefix: '',
    name: shorten(`PaxHeaders/${name}`),
    mode: 0o644,
    size: body.length,
    flag: 'x',
    target: '',
  });
  return Buffer.concat([head, body, Buffer.alloc(paddingOf(body.length)), own]);
}

/** Zero bytes that fill the last block after `size` bytes of content. */
export function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

interface UstarFields {
  readonly prefix: string;
  readonly name: string;
  readonly mode: number;
  readonly size: number;
  readonly flag: string;
  readonly target: string;
}

function ustar({ prefix, name, mode, size, flag, target }: UstarFields): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, 100, 'latin1');
  block.write(octal(mode, 7), 100, 'latin1');
  block.write(octal(0, 7), 108, 'latin1'); // uid
  block.write(octal(0, 7), 116, 'latin1'); // gid
  block.write(octal(size, 11), 124, 'latin1');
  block.write(octal(0, 11), 136, 'latin1'); // mtime
  block.write('        ', 148, 'latin1'); // the checksum counts as spaces
  block.write(flag, 156, 'latin1');
  block.write(target, 157, 100, 'latin1');
  block.write('ustar\u000000', 257, 'latin1');
  block.write(octal(0, 7), 329, 'latin1'); // device numbers
  block.write(octal(0, 7), 337, 'latin1');
  block.write(prefix, 345, 155, 'latin1');
  let sum = 0;
  // By index: an iterator over a buffer costs many times as much, and this runs for every file of an image.
  for (let at = 0; at < BLOCK; at++) sum += block[at] ?? 0;
  block.write(`${octal(sum, 6)}\u0000 `, 148, 'latin1');
  return block;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

/** Parts a path at a slash into prefix (155) and name (100); `undefined` when ustar cannot hold it. */
function splitPath(path: string): readonly [prefix: string, name: string] | undefined {
  if (!isAscii(path)) return undefined;
  if (path.length <= 100) return ['', path];
  // The slash that parts them is not written; the name must not be empty, so a trailing slash does not count.
  const slash = path.lastIndexOf('/', Math.min(155, path.length - 2));
  if (slash <= 0 || path.length - slash - 1 > 100) return undefined;
  return [path.slice(0, slash), path.slice(slash + 1)];
}

function fits(text: string, limit: number): boolean {
  return text.length <= limit && isAscii(text);
}

function isAscii(text: string): boolean {
  return !/\P{ASCII}/u.test(text);
}

/** Something that an old reader without pax can show. */
function shorten(text: string): string {
  return text.replace(/\P{ASCII}/gu, '_').slice(0, 100);
}

/** `27 path=some/long/name\n`: the number counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  let length = bytes + String(bytes).length;
  if (String(length).length > String(bytes).length) length += 1;
  return `${length}${rest}`;
}
