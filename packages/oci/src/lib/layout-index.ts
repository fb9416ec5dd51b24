import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compareBytes } from './compare-bytes.ts';
import type { Descriptor } from './descriptor.ts';
import { layoutInvalid } from './errors.ts';
import { encodeJson } from './json-document.ts';
import { type Index, parseIndex } from './manifest.ts';
import { MEDIA_TYPE } from './media-type.ts';
import { REF_NAME } from './ref-name.ts';
import { writeFileAtomic } from './stage-file.ts';

/** What a new layout lists. */
export const EMPTY_INDEX: Index = { schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests: [] };

/** The `index.json` of a layout. */
export interface LayoutIndex {
  list(): Promise<readonly Descriptor[]>;
  /** Replaces what is listed, one change after another; sorted by tag, and what has none by digest. The same list: nothing. */
  change(edit: (manifests: readonly Descriptor[]) => Promise<readonly Descriptor[]>): Promise<void>;
}

/** Opens the `index.json` in the directory of a layout. */
export function layoutIndex(directory: string): LayoutIndex {
  const path = join(directory, 'index.json');
  let writing: Promise<void> = Promise.resolve();
  return {
    list: async () => (await readIndex(directory, path)).manifests,
    change(edit) {
      writing = writing
        .catch(() => {})
        .then(async () => {
          const index = await readIndex(directory, path);
          const edited = await edit(index.manifests);
          if (edited === index.manifests) return;
          const manifests = [...edited].sort(
            (a, b) => compareBytes(tagOf(a), tagOf(b)) || compareBytes(a.digest, b.digest),
          );
          await writeFileAtomic(path, [encodeJson({ ...index, manifests })]);
        });
      return writing;
    },
  };
}

function tagOf({ annotations }: Descriptor): string {
  return annotations?.[REF_NAME] ?? '';
}

async function readIndex(directory: string, path: string): Promise<Index> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw layoutInvalid(directory, 'it has no file "index.json" that can be read', cause);
  });
  return parseIndex(bytes, MEDIA_TYPE.index, `"${path}"`);
}
