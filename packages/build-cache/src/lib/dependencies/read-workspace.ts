import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whether the package manager of a project installs for a folder: `''` is the project, others belong to its workspace. */
export type InstallsFor = (folder: string) => boolean;

/**
 * Reads which folders a workspace has: `workspaces` of package.json; for pnpm, whichever has a package.json. A `node_modules`
 * elsewhere is somebody else's: a fixture, a project of its own, a built server.
 */
export function readWorkspace(directory: string): InstallsFor {
  const listed = readPatterns(directory);
  const wanted = listed.filter((pattern) => !pattern.startsWith('!')).map(toRegExp);
  const left = listed.flatMap((pattern) => (pattern.startsWith('!') ? [toRegExp(pattern.slice(1))] : []));
  const isMember = (folder: string) =>
    wanted.some((pattern) => pattern.test(folder)) && !left.some((pattern) => pattern.test(folder));
  return (folder) => folder === '' || (isMember(folder) && existsSync(join(directory, folder, 'package.json')));
}

function readPatterns(directory: string): readonly string[] {
  if (existsSync(join(directory, 'pnpm-workspace.yaml'))) return ['**'];
  const { workspaces } = readManifest(join(directory, 'package.json'));
  const patterns = Array.isArray(workspaces) ? workspaces : Object(workspaces).packages;
  if (!Array.isArray(patterns)) return [];
  return patterns.filter((pattern) => typeof pattern === 'string').flatMap(expandBraces);
}

/** One that cannot be read names no workspace. */
function readManifest(file: string): { readonly workspaces?: unknown } {
  try {
    return Object(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return {};
  }
}

/** `packages/{a,b}` is two patterns. */
function expandBraces(pattern: string): readonly string[] {
  const [braces, inside = ''] = /\{([^{}]*)\}/.exec(pattern) ?? [];
  if (braces === undefined) return [pattern];
  return inside.split(',').flatMap((part) => expandBraces(pattern.replace(braces, () => part)));
}

const GLOBS: Readonly<Record<string, string>> = { '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' };

function toRegExp(pattern: string): RegExp {
  const path = pattern.replace(/^\.\//, '').replace(/\/+$/, '');
  return new RegExp(`^${path.replace(/\*\*\/|\*\*|[\\^$.*+?()[\]{}|]/g, (found) => GLOBS[found] ?? `\\${found}`)}$`);
}
