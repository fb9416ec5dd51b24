import {
  assembleImage,
  type Base,
  type Compression,
  type Image,
  type LayerEntry,
  type Platform,
  scratchBase,
  writeImage,
  writeLayer,
} from '../src/index.ts';
import type { ContentIngester, ImageStore } from '../src/lib/content-store.ts';

/** The platform of test images. */
export const PLATFORM: Platform = { os: 'linux', architecture: 'amd64' };

/** What differs from one test image to the next. */
export interface TestImageOptions {
  readonly base?: Base;
  readonly platform?: Platform;
  readonly compression?: Compression;
  readonly tags?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
}

/** Writes a small image into a store: one layer on a base. */
export async function writeTestImage(
  store: ImageStore & ContentIngester,
  options: TestImageOptions = {},
): Promise<Image> {
  const {
    base = scratchBase,
    platform = PLATFORM,
    compression = 'gzip',
    tags = [],
    files = { 'app/main.js': 'main' },
  } = options;
  const entries = Object.entries(files).map(
    ([path, text]): LayerEntry => ({ kind: 'file', path, source: Buffer.from(text) }),
  );
  const layer = await writeLayer(entries, { target: store, compression });
  const image = assembleImage({
    base,
    platform,
    layers: [{ layer, createdBy: 'test layer' }],
    config: { entrypoint: ['/usr/local/bin/node'], cmd: ['/app/main.js'], labels: { title: 'test' } },
  });
  await writeImage(store, image, { tags });
  return image;
}
