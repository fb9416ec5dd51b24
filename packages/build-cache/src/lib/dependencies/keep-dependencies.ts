import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import type { BuildCache, CacheHit } from '../cache.ts';
import type { Digest } from '../digest.ts';
import { findUnsafePath } from '../output-paths.ts';
import { findRoots, type InstalledLink, isInstalled, readInstalled } from './read-installed.ts';
import { type InstallsFor, readWorkspace } from './read-workspace.ts';

export interface DependenciesOptions {
  /** The project. Absolute. */
  readonly directory: string;
  /** See `dependenciesKey`. */
  readonly key: Digest;
}

/** What was kept or restored. */
export interface KeptDependencies {
  readonly files: number;
  readonly links: number;
  /** In bytes. */
  readonly size: number;
}

const STEP = 'node_modules';

/**
 * Keeps what is installed in a project and its workspace; first writer wins. Resolves to `undefined` where nothing is: to
 * bring that back would pass for an installation. Throws what the file system throws.
 *
 * @throws {CacheError} `OUTPUT_PATH` where names could not be restored everywhere: packages with names that differ in case
 * alone.
 */
export async function saveDependencies(
  cache: BuildCache,
  { directory, key, duration = 0 }: DependenciesOptions & { readonly duration?: number },
): Promise<KeptDependencies | undefined> {
  const { files: paths, links } = readInstalled(directory);
  if (paths.length === 0 && links.length === 0) return undefined;
  const entry = await cache.store({ key, step: STEP, directory, paths, value: { links }, duration });
  return countOf(entry.files, links);
}

/**
 * Puts what was kept in the place of what is installed; that is as before where it resolves to `undefined`: nothing was
 * kept, or it is damaged, or has links that lead out of the project.
 */
export async function restoreDependencies(
  cache: BuildCache,
  { directory, key }: DependenciesOptions,
): Promise<KeptDependencies | undefined> {
  const hit = await cache.lookup(key, STEP);
  const links = hit && readLinks(hit, readWorkspace(directory));
  if (hit === undefined || links === undefined) return undefined;
  const aside = setAside(directory);
  let whole = false;
  try {
    whole = await hit.restore(directory);
    if (whole) for (const [path, target] of links) makeLink(join(directory, path), target);
    return whole ? countOf(hit.entry.files, links) : undefined;
  } catch (error) {
    whole = false;
    throw error;
  } finally {
    if (whole) aside.remove();
    else aside.putBack();
  }
}

function countOf(files: readonly { readonly size: number }[], links: readonly InstalledLink[]): KeptDependencies {
  return { files: files.length, links: links.length, size: files.reduce((sum, { size }) => sum + size, 0) };
}

/**
 * The links of an entry, which may come from anywhere: `undefined` unless each stays inside, nothing lies below one, and all
 * is for where packages are installed.
 */
function readLinks(
  { entry: { files, value } }: CacheHit,
  installsFor: InstallsFor,
): readonly InstalledLink[] | undefined {
  const listed = typeof value === 'object' && value !== null && 'links' in value ? value.links : undefined;
  if (!Array.isArray(listed)) return undefined;
  const links = listed.map(parseLink).filter((link) => link !== undefined);
  const paths = [...files.map(({ path }) => path), ...links.map(([path]) => path)];
  const safe = links.length === listed.length && findUnsafePath(paths) === undefined;
  return safe && paths.every((path) => isInstalled(path, installsFor)) ? links : undefined;
}

function parseLink(link: unknown): InstalledLink | undefined {
  if (!Array.isArray(link)) return undefined;
  const [path, target]: unknown[] = link;
  if (typeof path !== 'string' || typeof target !== 'string') return undefined;
  // Up first, then down: on the way down another link cannot be left by its back door.
  if (!/^(\.\.\/)*(?!\.\.(\/|$))[^/]/.test(target) || /\/\.\.(\/|$)/.test(target.replace(/^(\.\.\/)+/, '')))
    return undefined;
  return posix.join(posix.dirname(path), target).startsWith('..') ? undefined : [path, target];
}

function makeLink(path: string, target: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

/** Takes what is installed out of the way, for as long as it is not clear what comes in its place. */
function setAside(directory: string): { readonly remove: () => void; readonly putBack: () => void } {
  const moved = findRoots(directory).map((root) => {
    const from = join(directory, root);
    const to = join(dirname(from), `.node_modules-${randomUUID()}`);
    renameSync(from, to);
    return { from, to };
  });
  return {
    remove: () => {
      for (const { to } of moved) rmSync(to, { recursive: true, force: true });
    },
    putBack: () => {
      for (const root of findRoots(directory)) rmSync(join(directory, root), { recursive: true, force: true });
      for (const { from, to } of moved) renameSync(to, from);
    },
  };
}
