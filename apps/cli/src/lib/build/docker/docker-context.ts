import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { generateDockerfile, prebuiltServer } from '@mcpgen/build-optimizer/dockerfile';
import { type LayerEntry, layerTar } from '@mcpgen/oci';
import type { Implementation, ServerManifest } from '@mcpgen/server';
import type { ImageSettings } from '../settings.ts';
import { imageLabels } from '../steps/image-labels.ts';

const FOLDER = 'server';

/** The Dockerfile that takes the server in a directory, with what the image says of itself. */
export function serverDockerfile(settings: ImageSettings, directory: string): string {
  const { base, user, port, env } = settings;
  const labels = imageLabels(readInfo(directory), settings);
  return generateDockerfile({ source: prebuiltServer(FOLDER), bases: { run: base }, user, port, env, labels });
}

/** The build before this wrote it. */
function readInfo(directory: string): Implementation {
  return (JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')) as ServerManifest).info;
}

/** Just what the Dockerfile copies, in a stable order and without times: the tar of a build context. */
export async function* dockerContext(dockerfile: string, directory: string): AsyncGenerator<Uint8Array> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.js.map'))
    .map((entry): LayerEntry => {
      const source = join(entry.parentPath, entry.name);
      const path = relative(directory, source).split(sep).join('/');
      return { kind: 'file', path: `${FOLDER}/${path}`, source, mode: statSync(source).mode };
    });
  yield* layerTar([{ kind: 'file', path: 'Dockerfile', source: Buffer.from(dockerfile) }, ...files]);
}
