import type { Chunk } from '@mcpgen/build-optimizer/bundle';

/** A chunk and all chunks it reaches, sorted by name. */
export function chunkClosure(chunks: ReadonlyMap<string, Chunk>, name: string): readonly Chunk[] {
  const seen = new Map<string, Chunk>();
  const waiting = [name];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const chunk = chunks.get(next);
    if (chunk === undefined || seen.has(next)) continue;
    seen.set(next, chunk);
    waiting.push(...chunk.imports);
  }
  return [...seen.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
