import type { Step, StepOutput } from '@mcpgen/build-optimizer';
import {
  type Base,
  copyBlobs,
  createLayout,
  type Digest,
  formatPlatform,
  hostBaseOf,
  type Layer,
  type Platform,
  parseReference,
  planHostBase,
  platformOf,
  readBase,
  writeHostBase,
} from '@mcpgen/oci';
import { platformUnavailable } from '../../errors.ts';
import type { BasePins } from '../base-pins.ts';
import type { OpenRepository } from '../open-registries.ts';
import type { ImageSettings } from '../settings.ts';
import { blobPath } from './blob-path.ts';

/** A base image of one platform: the step that brings its layers, and how to read what the step gave. */
export interface BasePlan {
  readonly name: string;
  readonly platform: Platform;
  readonly step: Step;
  readonly read: (needs: ReadonlyMap<string, StepOutput>) => Base;
}

export interface BaseOptions {
  readonly image: ImageSettings;
  /** The layout that holds the layers. Absolute. */
  readonly layout: string;
  readonly compression: 'none' | 'gzip' | 'zstd';
  readonly openRepository: OpenRepository;
  readonly pins: BasePins;
}

/** The bases that an image is built on: one for each platform. */
export async function planBases(options: BaseOptions): Promise<readonly BasePlan[]> {
  const { base, platforms } = options.image;
  if (base === 'host') return [await hostBase(options)];
  const digest = await pinnedDigest(base, options);
  const wanted = platforms?.map(parsePlatform) ?? [platformOf('linux', process.arch)];
  return wanted.map((platform) => registryBase(platform, digest, { ...options, many: wanted.length > 1 }));
}

/** This machine's Node as one layer: no registry is needed. */
async function hostBase({ image, layout, compression }: BaseOptions): Promise<BasePlan> {
  const plan = await planHostBase({ executable: process.execPath, platform: process.platform, arch: process.arch });
  const own = formatPlatform(plan.platform);
  const other = image.platforms?.find((platform) => platform !== own);
  if (other !== undefined) throw platformUnavailable(other, 'host', own);
  const name = 'layer:base';
  return {
    name: 'host',
    platform: plan.platform,
    step: {
      name,
      version: 2,
      needs: [],
      inputs: { options: { host: plan.fingerprint, compression } },
      directory: layout,
      run: async ({ signal }) => {
        // Seconds of one core for a file that changes with Node alone: the quickest level is right.
        const level = compression === 'none' ? 0 : 1;
        const base = await writeHostBase(plan, { target: await createLayout(layout), compression, level, signal });
        return { files: base.layers.map((layer) => blobPath(layer.digest)), value: base.layers };
      },
    },
    read: (needs) => {
      const [layer] = layersIn(needs, name);
      if (layer === undefined) throw new TypeError(`The step "${name}" gave no layer`);
      return hostBaseOf(plan, layer);
    },
  };
}

/** A tag is looked up once and then stands for that digest, until it is asked for again with --pull. */
async function pinnedDigest(base: string, { openRepository, pins }: BaseOptions): Promise<Digest> {
  const reference = parseReference(base);
  if (reference.digest !== undefined) return reference.digest;
  const known = pins.get(base);
  if (known !== undefined) return known;
  const { digest } = await openRepository(reference, 'pull').resolve(reference.tag ?? 'latest');
  pins.set(base, digest);
  return digest;
}

function registryBase(platform: Platform, digest: Digest, options: BaseOptions & { readonly many: boolean }): BasePlan {
  const { image, layout, openRepository } = options;
  const name = options.many ? `layer:base/${formatPlatform(platform)}` : 'layer:base';
  return {
    name: image.base,
    platform,
    step: {
      name,
      version: 2,
      needs: [],
      inputs: { options: { base: image.base, digest, platform } },
      directory: layout,
      slots: 0,
      run: async ({ signal }) => {
        const repository = openRepository(parseReference(image.base), 'pull');
        const { source, ...base } = await readBase(repository, { name: image.base, reference: digest, platform });
        await copyBlobs(source, base.layers, await createLayout(layout), { signal });
        return { files: base.layers.map((layer) => blobPath(layer.digest)), value: base };
      },
    },
    read: (needs) => baseIn(needs, name),
  };
}

function parsePlatform(text: string): Platform {
  const [os = '', architecture = '', variant] = text.split('/');
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

/** The values of the steps above, through the cache and back. */
function layersIn(needs: ReadonlyMap<string, StepOutput>, step: string): readonly Layer[] {
  return needs.get(step)?.value as readonly Layer[];
}

function baseIn(needs: ReadonlyMap<string, StepOutput>, step: string): Base {
  return needs.get(step)?.value as Base;
}
