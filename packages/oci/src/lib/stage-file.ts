import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Content } from './content-store.ts';
import { errnoOf, writeFailed } from './errors.ts';

/** Temporary files begin so; what a killed process leaves behind is told by this. */
export const TEMPORARY_PREFIX = '.mcpgen-tmp-';

/** A file that is written but has no name yet. */
export interface StagedFile {
  /** Gives the file its name in one step, replacing what was there. */
  commit(path: string): Promise<void>;
}

/**
 * Writes content to a temporary file in `directory`, which must be on the file system of the final name. When the content
 * throws, nothing is left behind and the error is the content's own.
 *
 * @throws {OciError} `WRITE_FAILED`
 */
export async function stageFile(directory: string, content: Content): Promise<StagedFile> {
  const temporary = join(directory, `${TEMPORARY_PREFIX}${randomUUID()}`);
  const discard = () => rm(temporary, { force: true }).catch(() => {});
  try {
    await writeContent(temporary, content);
  } catch (error) {
    await discard();
    throw error;
  }
  return {
    async commit(path) {
      try {
        await inDirectory(path, () => rename(temporary, path));
      } catch (cause) {
        await discard();
        throw writeFailed(path, cause);
      }
    },
  };
}

/** Writes a file that is there whole or not at all. */
export async function writeFileAtomic(path: string, content: Content): Promise<void> {
  const staged = await stageFile(dirname(path), content);
  await staged.commit(path);
}

/** Errors name the directory: the temporary file means nothing to anybody. */
async function writeContent(path: string, content: Content): Promise<void> {
  const directory = dirname(path);
  const file = await attempt(directory, () => inDirectory(path, () => open(path, 'wx')));
  try {
    for await (const chunk of content) await attempt(directory, () => writeAll(file, chunk));
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, done, chunk.length - done);
    done += bytesWritten;
  }
}

/** Does something to a path, making its directory when that was missing. */
async function inDirectory<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    await mkdir(dirname(path), { recursive: true });
    return action();
  }
}

async function attempt<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw writeFailed(path, cause);
  }
}
