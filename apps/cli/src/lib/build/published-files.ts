import { jsonText, readSealedFile, writeSealedFile } from '@mcpgen/build-cache';
import type { OutputFact } from '@mcpgen/cache-invalidation';

/** One published file: the facts of what it was copied from, and its own. */
export interface PublishedFile {
  readonly source: OutputFact;
  readonly target: OutputFact;
}

const FORMAT = 1;

/** What was published last; nothing where it cannot be read, and then everything is copied. */
export function readPublished(file: string): ReadonlyMap<string, PublishedFile> {
  const text = readSealedFile(file);
  if (text === undefined) return new Map();
  // The seal proves that writePublished wrote this, and the format what is in it.
  const { format, files } = JSON.parse(text) as { readonly format: number; readonly files: readonly PublishedFile[] };
  return format === FORMAT ? new Map(files.map((published) => [published.source.path, published])) : new Map();
}

/** Both lists are in the same order. */
export function writePublished(file: string, sources: readonly OutputFact[], targets: readonly OutputFact[]): void {
  const files = sources.flatMap((source, index) => {
    const target = targets[index];
    return target === undefined ? [] : [{ source, target }];
  });
  try {
    writeSealedFile(file, jsonText({ format: FORMAT, files }));
  } catch {
    // The next build copies everything again.
  }
}
