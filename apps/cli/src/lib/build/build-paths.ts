import { hash } from 'node:crypto';
import { join, relative } from 'node:path';
import type { BuildSettings } from './settings.ts';

/** The file beside the configuration that says which image a tag stood for: to be committed, as other lock files are. */
export const LOCK_FILE = 'mcpgen.lock';

/** Where a build keeps its things. Absolute. */
export interface BuildPaths {
  /** All below it belongs to this project and may be removed. */
  readonly own: string;
  /** The content-addressed store and its statistics. */
  readonly cache: string;
  /** Steps write here; a finished build is published from here in one go. */
  readonly work: string;
  /** The server as the steps make it. */
  readonly workServer: string;
  /** What steps learned last time. */
  readonly state: string;
  /** What was copied to the published server, by builds of every profile: each output directory has its own. */
  readonly published: string;
  /** Decides "nothing changed" without a plan. */
  readonly record: string;
  readonly statCache: string;
  /** What stays of the last plan when files are edited. */
  readonly plan: string;
  /** Read and written by nothing: beside it an edit reads the file system's clock. */
  readonly editStatCache: string;
  /** What tags of base images stood for: a file of the project, to be committed. */
  readonly pins: string;
  /** The same, beside the store, of projects that warmed it. */
  readonly sharedPins: string;
  readonly history: string;
  /** The published server. */
  readonly server: string;
  /** The image layout: content-addressed, so that steps write it in place and `index.json` last. */
  readonly image: string;
}

/** Profiles have work directories of their own, so that changing between them rebuilds nothing. */
export function buildPaths(settings: BuildSettings, variant: string = settings.profile.name): BuildPaths {
  // The store may be shared by several projects; what belongs to this one stays with it.
  const own = join(settings.directory, '.cache', 'mcpgen');
  const work = join(own, 'work', variant);
  return {
    own,
    cache: join(settings.cacheDirectory, 'store'),
    work,
    workServer: join(work, 'server'),
    state: join(work, 'state'),
    published: join(own, 'published', `${nameOf(relative(settings.directory, settings.outDirectory))}`),
    record: join(work, 'record'),
    statCache: join(own, 'stat.json'),
    plan: join(work, 'plan'),
    editStatCache: join(work, 'edit-stat'),
    pins: join(settings.directory, LOCK_FILE),
    sharedPins: join(settings.cacheDirectory, 'bases.lock'),
    history: join(own, 'builds'),
    server: join(settings.outDirectory, 'server'),
    image: join(settings.outDirectory, 'image'),
  };
}

function nameOf(path: string): string {
  return hash('sha256', path, 'hex').slice(0, 16);
}
