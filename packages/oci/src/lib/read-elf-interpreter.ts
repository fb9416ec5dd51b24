import { type FileHandle, open } from 'node:fs/promises';

const PT_INTERP = 3;
const HEADER_SIZE = 64;
const MAX_PROGRAM_HEADERS = 256;
const MAX_INTERPRETER_LENGTH = 4096;

/** What an ELF file says about who loads it. */
export type ElfInterpreter =
  | { readonly kind: 'dynamic'; readonly interpreter: string }
  | { readonly kind: 'static' }
  | { readonly kind: 'not-elf' };

/**
 * Reads which dynamic loader an executable asks for (`/lib64/ld-linux-x86-64.so.2`). 64-bit files only.
 * Format: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html and ch5.pheader.html
 */
export async function readElfInterpreter(path: string): Promise<ElfInterpreter> {
  const file = await open(path);
  try {
    const header = await readAt(file, 0, HEADER_SIZE);
    if (header.length < HEADER_SIZE || header.toString('latin1', 0, 4) !== '\u007fELF' || header[4] !== 2)
      return { kind: 'not-elf' };
    return await findInterpreter(file, header);
  } finally {
    await file.close();
  }
}

async function findInterpreter(file: FileHandle, header: Buffer): Promise<ElfInterpreter> {
  const littleEndian = header[5] === 1;
  const u16 = (bytes: Buffer, at: number) => (littleEndian ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const u32 = (bytes: Buffer, at: number) => (littleEndian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const u64 = (bytes: Buffer, at: number) =>
    Number(littleEndian ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));

  const entrySize = u16(header, 54);
  const count = Math.min(u16(header, 56), MAX_PROGRAM_HEADERS);
  const table = await readAt(file, u64(header, 32), entrySize * count);
  for (let at = 0; at + 40 <= table.length && entrySize >= 40; at += entrySize) {
    if (u32(table, at) !== PT_INTERP) continue;
    const bytes = await readAt(file, u64(table, at + 8), Math.min(u64(table, at + 32), MAX_INTERPRETER_LENGTH));
    return { kind: 'dynamic', interpreter: bytes.toString('utf8', 0, bytes.indexOf(0)) };
  }
  return { kind: 'static' };
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}
