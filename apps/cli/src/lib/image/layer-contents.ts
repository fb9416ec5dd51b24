import { type ContentReader, type Digest, type Layer, type LayerFile, listLayer, type NamedLayer } from '@mcpgen/oci';
import { formatBytes } from '../report/format.ts';
import type { ProgressLine } from '../report/progress-line.ts';

/** What is in a layer, in numbers and at its largest. */
export interface LayerContents {
  readonly files: number;
  readonly directories: number;
  readonly links: number;
  /** Paths of lower layers that it hides. */
  readonly removed: number;
  /** Bytes of all files. */
  readonly unpacked: number;
  readonly largest: readonly { readonly path: string; readonly size: number }[];
}

/** Lists the files of layers; each layer is read once, however often it is asked for. */
export type ListFiles = (store: ContentReader, layer: Layer) => Promise<readonly LayerFile[]>;

const LARGEST = 3;

export function summarizeFiles(files: readonly LayerFile[]): LayerContents {
  const count = (...kinds: readonly string[]): number => files.filter(({ kind }) => kinds.includes(kind)).length;
  const bySize = files.filter(({ kind }) => kind === 'file').sort((a, b) => b.size - a.size);
  return {
    files: count('file', 'other'),
    directories: count('directory'),
    links: count('symlink', 'hardlink'),
    removed: count('removed', 'opaque'),
    unpacked: files.reduce((sum, { size }) => sum + size, 0),
    largest: bySize.slice(0, LARGEST).map(({ path, size }) => ({ path, size })),
  };
}

export function listFiles(progress: ProgressLine, signal: AbortSignal): ListFiles {
  const known = new Map<Digest, Promise<readonly LayerFile[]>>();
  return (store, layer) => {
    const listed = known.get(layer.digest) ?? listLayer(watched(store, { progress, signal }), layer);
    known.set(layer.digest, listed);
    return listed;
  };
}

/** A store whose reading shows, and stops when it is told to. */
export function watched(
  store: ContentReader,
  { progress, signal }: { readonly progress: ProgressLine; readonly signal: AbortSignal },
): ContentReader {
  return {
    location: store.location,
    has: (descriptor) => store.has(descriptor),
    async *read(descriptor) {
      let bytes = 0;
      for await (const chunk of store.read(descriptor)) {
        signal.throwIfAborted();
        bytes += chunk.length;
        progress.show(`${descriptor.digest.slice(0, 19)} ${formatBytes(bytes)} of ${formatBytes(descriptor.size)}`);
        yield chunk;
      }
    },
  };
}

/** `layer:app`, or the command that made it, in so many characters. */
export function layerTitle({ createdBy }: Pick<NamedLayer, 'createdBy'>, limit = 40): string {
  const text = createdBy.replace(/^mcpgen /, '').replaceAll(/\s+/g, ' ');
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}
