import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { hostBaseUnsupported, hostLibraryMissing } from './errors.ts';
import { readElfInterpreter } from './read-elf-interpreter.ts';

/** What a program needs from the system to start. */
export interface SharedLibraries {
  /** The dynamic loader; absent for a static program. */
  readonly interpreter?: string;
  /** All libraries, those of libraries too: the name asked for, and the file it is found in. */
  readonly libraries: readonly { readonly name: string; readonly path: string }[];
}

/**
 * Asks the program's own dynamic loader what it would load, in an empty environment: the loader alone knows about run
 * paths, its cache and its default directories, for glibc and musl alike. (`process.report` lists what this process has
 * loaded, native add-ons of a bundler included.)
 *
 * @throws {OciError} `HOST_BASE_UNSUPPORTED`, `HOST_LIBRARY_MISSING`
 */
export async function listSharedLibraries(executable: string): Promise<SharedLibraries> {
  const elf = await readElfInterpreter(executable);
  if (elf.kind === 'not-elf') throw hostBaseUnsupported(`"${executable}" is not a 64-bit ELF program`);
  if (elf.kind === 'static') return { libraries: [] };
  const { interpreter } = elf;
  const { stdout } = await promisify(execFile)(interpreter, ['--list', executable], { env: {}, timeout: 10_000 }).catch(
    (cause: unknown) => {
      throw hostBaseUnsupported(`the loader "${interpreter}" does not tell what "${executable}" needs`, cause);
    },
  );
  return { interpreter, libraries: parseLoaderList(stdout, executable).filter(({ path }) => path !== interpreter) };
}

/** Reads `libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f…)`; lines without an arrow are the loader and the vDSO. */
export function parseLoaderList(output: string, executable: string): SharedLibraries['libraries'] {
  return output.split('\n').flatMap((line) => {
    const [, name, found] = /^\s*(\S+) => (.+?)(?: \(0x[0-9a-f]+\))?\s*$/.exec(line) ?? [];
    if (name === undefined || found === undefined) return [];
    if (!found.startsWith('/')) throw hostLibraryMissing(name, executable);
    return [{ name, path: found }];
  });
}
