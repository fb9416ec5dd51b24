import type { Profile } from '@mcpgen/build-optimizer';
import type { BundlePlan, Bundler, Chunk, ChunkPlan, DependencyPlan } from '@mcpgen/build-optimizer/bundle';
import type { Describer, Project } from '@mcpgen/generator';
import type { BuildSettings, ServerSettings } from '../settings.ts';

/** What the steps of a server are made from. */
export interface ServerPlan extends BundlePlan {
  readonly project: Project;
  readonly dependencies: DependencyPlan;
  readonly settings: ServerSettings;
  readonly profile: Profile;
  /** Of what modules may read when they are loaded: digests of values, or `unset`. */
  readonly environment: BuildSettings['environment'];
  /** Where the steps write the server. */
  readonly directory: string;
  /** The server runtime's main module, and a digest of all that it is bundled from. */
  readonly runtime: { readonly entry: string; readonly digest: string };
}

/** What the steps of a server work with. */
export interface ServerTools {
  readonly bundler: Bundler;
  readonly describer: Describer;
}

/** The chunk that a file lies in. */
export function chunkOf(chunks: ChunkPlan, file: string): Chunk {
  const chunk = chunks.chunks.get(chunks.chunkOf.get(file) ?? '');
  if (chunk === undefined) throw new TypeError(`No chunk holds "${file}"`);
  return chunk;
}

/** Where the module of a file is written, relative to the server. */
export function modulePath(chunks: ChunkPlan, file: string): string {
  return `modules/${chunkOf(chunks, file).name}.js`;
}
