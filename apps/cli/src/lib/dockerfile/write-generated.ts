import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { fileTaken } from '../errors.ts';
import { replaceFile } from './replace-file.ts';

export interface GeneratedFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

/**
 * Writes files that only mcpgen may write again: the first line of each holds the digest of the rest, so that what somebody
 * else wrote, or edited, is told from what may be replaced. Where one is taken, none is written.
 */
export function writeGenerated(files: readonly GeneratedFile[]): void {
  for (const { path } of files) if (!isFree(path)) throw fileTaken(path);
  for (const { path, text } of files) replaceFile(path, `${stamp(text)}\n${text}`);
}

function stamp(text: string): string {
  return `# Written by "mcpgen dockerfile --write", which replaces it as long as nobody edits it: ${digest(text)}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function isFree(path: string): boolean {
  if (!existsSync(path)) return lstatSync(path, { throwIfNoEntry: false }) === undefined;
  if (!lstatSync(path).isFile()) return false;
  const [first = '', ...rest] = readFileSync(path, 'utf8').split('\n');
  return first === stamp(rest.join('\n'));
}
