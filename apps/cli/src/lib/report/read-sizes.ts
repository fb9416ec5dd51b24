import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '@mcpgen/build-cache';
import type { SizeRecord } from '@mcpgen/build-metrics';
import { readBuildState } from '@mcpgen/cache-invalidation';
import type { BuildPaths } from '../build/build-paths.ts';
import type { ImageResult } from '../build/build-result.ts';

/** What the last build made, read when it is shown: a build does not pay for it. What is not there is left out. */
export function readSizes({
  server,
  image,
  state,
}: Pick<BuildPaths, 'server' | 'image' | 'state'>): readonly SizeRecord[] {
  return [readImageSize(image, state), readServerSize(server, readSources(state))].flatMap((size) =>
    size === undefined ? [] : [size],
  );
}

/** The layers of an image, by the steps that made them; several of a base have one name. */
export function imageSize({ size, layers }: Pick<ImageResult, 'size' | 'layers'>): SizeRecord {
  const parts = layers.map((layer) => ({ name: layer.name.replace(/^layer:/, ''), bytes: layer.size }));
  return { name: 'Image layers, compressed', bytes: size, parts };
}

interface Descriptor {
  readonly digest: Digest;
  readonly size: number;
}

/** Of what lies there now: what its step said, or where that was another one, the layers by the image's own history. */
export function readImageSize(directory: string, state: string): SizeRecord | undefined {
  try {
    const [{ digest }] = readJson(join(directory, 'index.json')).manifests;
    const built = readBuildState(state).steps.get('image')?.value as ImageResult | undefined;
    return built !== undefined && built.digest === digest ? imageSize(built) : readLayout(directory);
  } catch {
    return undefined;
  }
}

/** Of the first of several platforms. */
function readLayout(directory: string): SizeRecord {
  const blob = (digest: string) => readJson(join(directory, 'blobs', digest.replace(':', '/')));
  let manifest = readJson(join(directory, 'index.json'));
  while (manifest.manifests !== undefined) manifest = blob(manifest.manifests[0].digest);
  const layers: readonly Descriptor[] = manifest.layers;
  const history: readonly { readonly created_by?: string; readonly empty_layer?: boolean }[] =
    blob(manifest.config.digest).history ?? [];
  const names = history.filter((entry) => entry.empty_layer !== true).map((entry) => entry.created_by);
  const named = layers.map(({ digest, size }, at) => ({
    digest,
    size,
    name: names[at]?.slice(0, 60) ?? `layer ${at + 1}`,
  }));
  return imageSize({ size: named.reduce((sum, { size }) => sum + size, 0), layers: named });
}

function readJson(file: string) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Bytes of a file by the source that they come from. */
type Sources = Readonly<Record<string, number>>;

/** What the steps that bundle said of their files: of those that have several sources. */
function readSources(state: string): ReadonlyMap<string, Sources> {
  const values = [...readBuildState(state).steps].flatMap(([step, { value }]) => {
    return step === 'deps' || step.startsWith('bundle:') ? [value as { readonly sources?: object } | null] : [];
  });
  return new Map(values.flatMap((value) => Object.entries(value?.sources ?? {})));
}

/** The server by what its files are for; of a tool its code and its validation together. Source maps do not count. */
export function readServerSize(
  directory: string,
  sources: ReadonlyMap<string, Sources> = new Map(),
): SizeRecord | undefined {
  const files = listFiles(directory).filter(({ name }) => !name.endsWith('.map'));
  if (files.length === 0) return undefined;
  const groups = Map.groupBy(files, ({ name }) => groupOf(name));
  const parts = [...groups].map(([name, group]) => {
    return { name, bytes: sum(group), parts: group.map((file) => withSources(file, sources.get(file.name))) };
  });
  return { name: 'Server, tool by tool', bytes: sum(parts), parts };
}

/** What lies there may have been changed by hand: then its sources are not known. */
function withSources({ name, bytes }: SizeRecord, sources: Sources = {}): SizeRecord {
  const parts = Object.entries(sources).map(([source, size]) => ({ name: source, bytes: size }));
  const isKnown = parts.length > 0 && sum(parts) <= bytes;
  return { ...withoutFolder({ name, bytes }), ...(isKnown && { parts }) };
}

function groupOf(name: string): string {
  const tool = /^(?:modules\/tools|validators)\/(?:tools\/)?(.+)\.js$/.exec(name)?.[1];
  if (tool !== undefined) return tool;
  const slash = name.indexOf('/');
  return slash < 0 ? 'start' : name.slice(0, slash);
}

function withoutFolder({ name, bytes }: SizeRecord): SizeRecord {
  const folder = name.split('/')[0] ?? name;
  return { name: folder === 'modules' ? 'code' : folder === 'validators' ? 'validation' : name, bytes };
}

function listFiles(directory: string): readonly SizeRecord[] {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => ({ name: path.slice(directory.length + 1).replaceAll('\\', '/'), bytes: statSync(path).size }));
  } catch {
    return [];
  }
}

function sum(sizes: readonly { readonly bytes: number }[]): number {
  return sizes.reduce((total, { bytes }) => total + bytes, 0);
}
