import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { LayerGroup, Profile, Step, StepOutput } from '@mcpgen/build-optimizer';
import {
  assembleImage,
  assembleIndex,
  type Base,
  createLayout,
  type Descriptor,
  type Digest,
  digestBytes,
  type Image,
  type Layer,
  type LayerEntry,
  type Layout,
  type Platform,
  writeImage,
  writeIndex,
  writeLayer,
} from '@mcpgen/oci';
import { version } from '../../version.ts';
import type { DocumentResult, ImageResult } from '../build-result.ts';
import { declaredDigests } from '../declared-environment.ts';
import type { DocumentPlan } from '../image-documents.ts';
import type { ImageSettings, ServerSettings } from '../settings.ts';
import type { BasePlan } from './base-steps.ts';
import { blobPath } from './blob-path.ts';
import { entrypointOf } from './image-entrypoint.ts';
import { imageLabels } from './image-labels.ts';
import { writeDocuments } from './write-documents.ts';

/** What the steps of an image are made from. */
export interface ImagePlan {
  readonly settings: ImageSettings;
  readonly server: ServerSettings['info'] & { readonly name: string; readonly version: string };
  readonly profile: Profile;
  readonly bases: readonly BasePlan[];
  /** The layout that is written in place: content-addressed, `index.json` last. Absolute. */
  readonly layout: string;
  readonly layers: readonly LayerGroup[];
  /** What is said about the image besides. */
  readonly documents: DocumentPlan | undefined;
  /** Where the server is written that goes into the layers. */
  readonly serverDirectory: string;
  /** Steps that must have succeeded before the image shows: a type error must not leave a new image. */
  readonly gates: readonly string[];
}

/** The layers of a server by how often they change, and the image on top of each base. */
export function imageSteps(plan: ImagePlan): readonly Step[] {
  const layers = layerSteps(plan);
  return [...plan.bases.map((base) => base.step), ...layers, imageStep(plan, layers)];
}

function layerSteps(plan: ImagePlan): readonly (Step & { readonly createdBy: string })[] {
  return plan.layers.map(({ name, createdBy, holds }) => ({ ...layerStep(name, holds, plan), createdBy }));
}

function layerStep(name: string, needs: readonly string[], { profile, layout, serverDirectory }: ImagePlan): Step {
  const { compression, compressionLevel } = profile;
  return {
    name,
    version: 2,
    needs,
    // Compressed bytes depend on the library that comes with Node.
    inputs: { options: { compression, compressionLevel, node: process.version } },
    directory: layout,
    run: async ({ needs: outputs, signal }) => {
      const target = await createLayout(layout);
      const files = [...outputs.values()].flatMap((output) => output.files).filter(shipped);
      const entries = files.map((path) => layerEntry(serverDirectory, path));
      const layer = await writeLayer(entries, { target, compression, level: compressionLevel, signal });
      return { files: [blobPath(layer.digest)], value: layer };
    },
  };
}

/** Source maps stay beside the server: an image does not need them to run. */
function shipped(path: string): boolean {
  return !path.endsWith('.js.map');
}

function layerEntry(directory: string, path: string): LayerEntry {
  const source = join(directory, path);
  // Only packages bring programs of their own; the rest is code that Node reads.
  const mode = path.startsWith('node_modules/') ? { mode: statSync(source).mode } : {};
  return { kind: 'file', path: `app/${path}`, source, ...mode };
}

function imageStep(plan: ImagePlan, layers: readonly (Step & { readonly createdBy: string })[]): Step {
  const { settings, server, bases, layout, documents } = plan;
  const native = documents && layers.some((layer) => layer.needs.includes('native')) ? ['native'] : [];
  const run = runConfig(settings);
  const { env, ...rest } = run;
  return {
    name: 'image',
    version: 2,
    needs: [...bases.map((base) => base.step.name), ...layers.map((layer) => layer.name), ...native],
    after: plan.gates,
    inputs: {
      environment: declaredDigests(Object.keys(env), env),
      options: {
        ...rest,
        server,
        annotations: settings.annotations,
        labels: settings.labels,
        bases: bases.map((base) => base.name),
        ...(documents && { documents, version }),
      },
    },
    directory: layout,
    run: async ({ needs }) => {
      const target = await createLayout(layout);
      const added = layers.map(({ name, createdBy }) => ({ layer: layerIn(needs, name), createdBy }));
      const images = bases.map((plan) => {
        const base = plan.read(needs);
        return {
          base,
          image: assembleImage({
            base,
            layers: added,
            config: { ...run, entrypoint: entrypointOf(base), labels: imageLabels(server, settings) },
            platform: platformOfBase(plan, base),
            annotations: settings.annotations,
          }),
        };
      });
      const names = layers.map(({ name }) => name);
      return writeImages(target, images, {
        layers: names,
        needs,
        server,
        documents,
        annotations: settings.annotations,
      });
    },
  };
}

async function writeImages(
  layout: Layout,
  images: readonly { readonly base: Base; readonly image: Image }[],
  parts: ImageFacts,
) {
  const { layers, needs, annotations } = parts;
  const [first] = images;
  if (first === undefined) throw new TypeError('An image needs a base');
  const blobs = images.flatMap(({ image }) => [
    blobPath(image.descriptor.digest),
    blobPath(image.manifest.config.digest),
  ]);
  await layout.detachAll();
  let root: Descriptor = first.image.descriptor;
  if (images.length === 1) await writeImage(layout, first.image, { tags: ['latest'] });
  else {
    const index = assembleIndex(
      images.map(({ image }) => image),
      annotations,
    );
    await writeIndex(layout, index, { tags: ['latest'] });
    root = index.descriptor;
    blobs.push(blobPath(root.digest));
  }
  const bases = images.map(({ base }) => base);
  const documents = await document(layout, { ...parts, root, bases });
  const own = layers.map((name) => ({ name, ...sizeOf(layerIn(needs, name)) }));
  const value: Omit<ImageResult, 'directory'> = {
    digest: root.digest,
    base: first.base.name,
    size: first.image.layers.reduce((sum, layer) => sum + layer.size, 0),
    ownSize: own.reduce((sum, layer) => sum + layer.size, 0),
    layers: [...first.base.layers.map((layer) => ({ name: 'base', ...sizeOf(layer) })), ...own],
    ...(documents.length > 0 && { documents }),
  };
  const said = documents.flatMap(({ digest, content }) => [blobPath(digest), blobPath(content), blobPath(EMPTY)]);
  return { files: ['oci-layout', 'index.json', ...new Set([...blobs, ...said])], value };
}

/** The empty configuration that documents about images have: `{}`. */
const EMPTY = digestBytes(Buffer.from('{}'));

/** What the image step writes besides the images themselves. */
interface ImageFacts {
  /** Names of the steps. */
  readonly layers: readonly string[];
  readonly needs: ReadonlyMap<string, StepOutput>;
  readonly server: ImagePlan['server'];
  readonly documents: DocumentPlan | undefined;
  readonly annotations: Readonly<Record<string, string>>;
}

async function document(
  layout: Layout,
  facts: ImageFacts & { readonly root: Descriptor; readonly bases: readonly Base[] },
): Promise<readonly DocumentResult[]> {
  const { documents, needs } = facts;
  return documents === undefined
    ? []
    : writeDocuments(layout, { ...facts, plan: documents, native: needs.get('native') });
}

function runConfig({ port, env, user }: ImageSettings) {
  return {
    cmd: [],
    env: { NODE_ENV: 'production', HOST: '0.0.0.0', MCPGEN_ALLOW_REMOTE: '1', PORT: String(port), ...env },
    user,
    workingDirectory: '/app',
    exposedPorts: [`${port}/tcp`],
    stopSignal: 'SIGTERM',
  };
}

function platformOfBase(plan: BasePlan, base: Base): Platform {
  return base.platform ?? plan.platform;
}

function sizeOf({ digest, size }: Layer): { readonly digest: Digest; readonly size: number } {
  return { digest, size };
}

/** The value of a layer step is the layer, through the cache and back. */
function layerIn(needs: ReadonlyMap<string, StepOutput>, step: string): Layer {
  const output = needs.get(step);
  if (output === undefined) throw new TypeError(`The step "${step}" has no output`);
  return output.value as Layer;
}
