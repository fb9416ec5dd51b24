import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SizeRecord } from '@mcpgen/build-metrics';
import type { BuildPaths } from '../build/build-paths.ts';

/** What the last build made, read when it is shown: a build does not pay for it. What is not there is left out. */
export function readSizes({ server, image }: Pick<BuildPaths, 'server' | 'image'>): readonly SizeRecord[] {
  return [readImage(image), readServer(server)].flatMap((size) => (size === undefined ? [] : [size]));
}

interface Descriptor {
  readonly digest: string;
  readonly size: number;
}

/** The layers of the image, or of the first of several platforms, named by its history. */
function readImage(directory: string): SizeRecord | undefined {
  try {
    const blob = (digest: string) =>
      JSON.parse(readFileSync(join(directory, 'blobs', digest.replace(':', '/')), 'utf8'));
    let manifest = JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8'));
    while (manifest.manifests !== undefined) manifest = blob(manifest.manifests[0].digest);
    const layers: readonly Descriptor[] = manifest.layers;
    const history: readonly { readonly created_by?: string; readonly empty_layer?: boolean }[] =
      blob(manifest.config.digest).history ?? [];
    const names = history.filter((entry) => entry.empty_layer !== true).map((entry) => entry.created_by);
    const parts = layers.map(({ size }, at) => ({ name: names[at]?.slice(0, 60) ?? `layer ${at + 1}`, bytes: size }));
    return { name: 'Image layers, compressed', bytes: sum(parts), parts };
  } catch {
    return undefined;
  }
}

/** The server by what its files are for; of a tool its code and its validation together. Source maps do not count. */
function readServer(directory: string): SizeRecord | undefined {
  const files = listFiles(directory).filter(({ name }) => !name.endsWith('.map'));
  if (files.length === 0) return undefined;
  const groups = Map.groupBy(files, ({ name }) => groupOf(name));
  const parts = [...groups].map(([name, group]) => ({ name, bytes: sum(group), parts: group.map(withoutFolder) }));
  return { name: 'Server, tool by tool', bytes: sum(parts), parts };
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
