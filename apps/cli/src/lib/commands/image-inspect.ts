import { type Descriptor, type Image, type LayerFile, type NamedLayer, namedLayers } from '@mcpgen/oci';
import type { CliContext } from '../context.ts';
import { inspectionText } from '../image/inspection-text.ts';
import { type LayerContents, type ListFiles, listFiles, summarizeFiles } from '../image/layer-contents.ts';
import { type OpenImage, openImage } from '../image/open-image.ts';
import { platformText, readPlatforms } from '../image/read-platforms.ts';
import { progressLine } from '../report/progress-line.ts';
import { settle } from '../report/settle.ts';

export interface ImageInspectFlags {
  readonly json: boolean;
  readonly insecure: boolean;
  readonly platform?: string;
  /** All files; `false`: layers are not read. */
  readonly files?: boolean;
}

/** What is known of an image, or of all images of an index. */
export interface Inspection {
  readonly name: string;
  readonly digest: string;
  readonly mediaType: string;
  readonly referrers: readonly Pick<Descriptor, 'digest' | 'size' | 'artifactType' | 'annotations'>[];
  readonly images: readonly InspectedImage[];
}

export interface InspectedImage {
  readonly platform: string;
  readonly digest: string;
  readonly created: string | null;
  /** Compressed bytes of all layers. */
  readonly size: number;
  readonly config: Image['config']['config'];
  readonly annotations: Readonly<Record<string, string>>;
  readonly layers: readonly InspectedLayer[];
}

export interface InspectedLayer extends NamedLayer {
  /** Absent where layers are not read. */
  readonly contents?: LayerContents;
  /** Where all files are asked for. */
  readonly files?: readonly LayerFile[];
}

/** `mcpgen image inspect`: configuration, layers with what is in them, labels, annotations, referrers. */
export async function imageInspect(this: CliContext, flags: ImageInspectFlags, name = 'dist/image'): Promise<void> {
  const progress = progressLine(this.process.stderr, { quiet: flags.json });
  await settle(this, flags.json, async () => {
    try {
      const image = await openImage(this, name, flags);
      const inspection = await inspect(image, flags, listFiles(progress, this.signal));
      progress.close();
      const message = `${name} is ${inspection.digest}`;
      return { code: 'IMAGE_INSPECTED', message, data: { ...inspection }, output: inspectionText(inspection) };
    } finally {
      progress.close();
    }
  });
}

async function inspect(image: OpenImage, flags: ImageInspectFlags, list: ListFiles): Promise<Inspection> {
  const { name, store, root } = image;
  const images = await readPlatforms(image, flags.platform);
  const inspected: InspectedImage[] = [];
  for (const found of images) inspected.push(await inspectOne(image, found, { flags, list }));
  const referrers = await store.referrers(root.digest);
  return {
    name,
    digest: root.digest,
    mediaType: root.mediaType,
    referrers: referrers.map(({ digest, size, artifactType, annotations }) => ({
      digest,
      size,
      ...(artifactType !== undefined && { artifactType }),
      ...(annotations && { annotations }),
    })),
    images: inspected,
  };
}

async function inspectOne(
  { store }: OpenImage,
  image: Image,
  { flags, list }: { readonly flags: ImageInspectFlags; readonly list: ListFiles },
): Promise<InspectedImage> {
  const layers: InspectedLayer[] = [];
  for (const layer of namedLayers(image)) {
    const files = flags.files === false ? undefined : await list(store, layer);
    layers.push({
      ...layer,
      ...(files && { contents: summarizeFiles(files) }),
      ...(files && flags.files === true && { files }),
    });
  }
  return {
    platform: platformText(image),
    digest: image.descriptor.digest,
    created: image.config.created ?? null,
    size: image.layers.reduce((sum, { size }) => sum + size, 0),
    config: image.config.config,
    annotations: image.manifest.annotations ?? {},
    layers,
  };
}
