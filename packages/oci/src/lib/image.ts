import type { Descriptor } from './descriptor.ts';
import type { ImageConfig } from './image-config.ts';
import type { Index, Manifest } from './manifest.ts';
import type { Layer } from './write-layer.ts';

/** An image as data: its documents, ready to be written. The layers' blobs lie in a store. */
export interface Image {
  /** Of the manifest, with its platform: what a tag or an index points to. */
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
  readonly config: ImageConfig;
  /** Of the base first, in the order in which they are applied. */
  readonly layers: readonly Layer[];
  /** The documents exactly as they are stored. */
  readonly bytes: { readonly manifest: Uint8Array; readonly config: Uint8Array };
}

/** An index as data: one image per platform, ready to be written. */
export interface ImageIndex {
  readonly descriptor: Descriptor;
  readonly index: Index;
  readonly images: readonly Image[];
  /** The index exactly as it is stored. */
  readonly bytes: Uint8Array;
}
