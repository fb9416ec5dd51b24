import { digestOf } from '@mcpgen/build-cache';
import type { StepOutput } from '@mcpgen/build-optimizer';
import type { ChunkPlan } from '@mcpgen/build-optimizer/bundle';
import type { ModuleVersions } from '../../dev-server.ts';
import { chunkClosure } from './chunk-closure.ts';

/**
 * A version for each module of a built server: it changes when the module's code changes or that of any module it
 * imports, because an import must lead to the new one.
 */
export function moduleVersions({ chunks }: ChunkPlan, outputs: ReadonlyMap<string, StepOutput>): ModuleVersions {
  const versions: Record<string, string> = {};
  const packages = outputs.get('deps')?.digest ?? '';
  for (const chunk of chunks.values()) {
    const digests = chunkClosure(chunks, chunk.name).map(({ name }) => outputs.get(`bundle:${name}`)?.digest ?? '');
    versions[`modules/${chunk.name}.js`] = short([packages, ...digests]);
  }
  for (const file of outputs.get('deps')?.files ?? []) versions[file] = short([packages]);
  for (const [name, output] of outputs) {
    if (name.startsWith('validator:')) for (const file of output.files) versions[file] = short([output.digest]);
  }
  return versions;
}

function short(digests: readonly string[]): string {
  return digestOf(digests.join('\n')).slice(7, 23);
}
