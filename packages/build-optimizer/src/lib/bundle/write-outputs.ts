import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** One file that a bundler made. */
export interface Output {
  /** Relative to the directory it is written to, with `/`. */
  readonly file: string;
  readonly contents: Uint8Array | string;
  /** Bytes of it by the source that they come from, where there are several. */
  readonly sources?: Readonly<Record<string, number>>;
}

/** Writes each file beside its place and renames it there, so that none is ever seen half-written. */
export async function writeOutputs(directory: string, outputs: readonly Output[]): Promise<string[]> {
  await Promise.all(outputs.map(({ file, contents }) => replaceFile(join(directory, file), contents)));
  return outputs.map(({ file }) => file).sort();
}

async function replaceFile(path: string, contents: Uint8Array | string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    await writeFile(temporary, contents);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
