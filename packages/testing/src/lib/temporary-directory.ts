import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory of one test; `await using` removes it at the end of the block. */
export interface TemporaryDirectory extends AsyncDisposable {
  /** Absolute, with symbolic links resolved, so that it compares equal to what the code under test reports. */
  readonly path: string;
  /** Removes the directory and all below it. Safe to call twice. */
  remove(): Promise<void>;
}

/**
 * Makes an empty directory below the system's folder for temporary files.
 *
 * @example
 * await using project = await temporaryDirectory();
 * await writeTree(project.path, { 'tools/echo.ts': 'export default 1' });
 */
export async function temporaryDirectory(prefix = 'mcpgen-test-'): Promise<TemporaryDirectory> {
  const path = await realpath(await mkdtemp(join(tmpdir(), prefix)));
  const remove = () => rm(path, { recursive: true, force: true, maxRetries: 3 });
  return { path, remove, [Symbol.asyncDispose]: remove };
}
