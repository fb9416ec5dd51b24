import { isDigest, jsonText, readSealedFile, writeSealedFile } from '@mcpgen/build-cache';
import type { Digest } from '@mcpgen/oci';

/** The digests that tags of base images stood for when they were looked up. */
export interface BasePins {
  get(reference: string): Digest | undefined;
  set(reference: string, digest: Digest): void;
}

/** Keeps pins in a file: a build with a known base needs no network. */
export function openBasePins(file: string): BasePins {
  const pins = new Map<string, Digest>(readPins(file));
  return {
    get: (reference) => pins.get(reference),
    set: (reference, digest) => {
      pins.set(reference, digest);
      try {
        writeSealedFile(file, jsonText(Object.fromEntries(pins)));
      } catch {
        // The tag is looked up again next time.
      }
    },
  };
}

/** Knows nothing, so that every tag is looked up: `--pull`. */
export function forgetBasePins(pins: BasePins): BasePins {
  return { get: () => undefined, set: (reference, digest) => pins.set(reference, digest) };
}

function readPins(file: string): readonly (readonly [string, Digest])[] {
  const text = readSealedFile(file);
  if (text === undefined) return [];
  const pins: unknown = JSON.parse(text);
  if (typeof pins !== 'object' || pins === null) return [];
  return Object.entries(pins).flatMap(([reference, digest]) =>
    isDigest(digest) ? [[reference, digest] as const] : [],
  );
}
