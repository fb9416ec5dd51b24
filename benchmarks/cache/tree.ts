import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const FILES = 10_000;
const BYTES = 20_000;

/** Where all benchmarks of caches write: memory, where there is such a place, so that no disk is measured. */
export function scratchDirectory(): string {
  return mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'mcpgen-cache-benchmark-'));
}

/** The output of a step: 10,000 files of 20 kB in 100 directories, 200 MB, which zstd halves. */
export function writeTree(directory: string): void {
  for (let index = 0; index < FILES; index++) {
    if (index % 100 === 0) mkdirSync(join(directory, `d${index / 100}`), { recursive: true });
    writeFileSync(pathOf(directory, index), text(`${index}`));
  }
}

/** Changes one file in twenty, another way each time. */
export function changeTree(directory: string, time: number): void {
  for (let index = 0; index < FILES; index += 20) writeFileSync(pathOf(directory, index), text(`${index} ${time}`));
}

/** The paths of all files below a directory, relative, as every tool must list them. */
export function listTree(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((name) =>
    name.isDirectory() ? readdirSync(join(directory, name.name)).map((file) => `${name.name}/${file}`) : [name.name],
  );
}

/** Throws where two trees differ: a cache that is fast and wrong is not measured. */
export function expectSameTree(a: string, b: string): void {
  execFileSync('diff', ['-rq', a, b]);
}

export function remove(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}

function pathOf(directory: string, index: number): string {
  return join(directory, `d${Math.floor(index / 100)}`, `f${index}.txt`);
}

/** Hexadecimal digits of a generator: two bits for one, as source code compresses with a fast method. */
function text(seed: string): string {
  let state = [...seed].reduce((sum, char) => (Math.imul(sum, 31) + char.charCodeAt(0)) >>> 0, 7) | 1;
  const words = new Uint32Array(BYTES / 8);
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return Buffer.from(words.buffer).toString('hex');
}
