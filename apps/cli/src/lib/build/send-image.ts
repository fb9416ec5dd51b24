import { basename } from 'node:path';
import type { Digest } from '@mcpgen/build-cache';
import {
  copyImage,
  imageArchive,
  type Layout,
  openLayout,
  openRegistry,
  parseReference,
  writeImageArchive,
} from '@mcpgen/oci';
import { formatBytes } from '../report/format.ts';
import type { ImageResult, TargetResult } from './build-result.ts';
import type { Composition } from './compose.ts';
import { dockerCredentials } from './docker-credentials.ts';

/** Sends the finished image where the flags say; nothing is sent unless asked for. */
export async function sendImage(composition: Composition, image: ImageResult): Promise<readonly TargetResult[]> {
  const { targets } = composition.settings;
  const layout = await openLayout(image.directory);
  const sent: TargetResult[] = [];
  if (targets.tar !== undefined) sent.push(await writeTar(layout, image.digest, targets.tar, composition));
  if (targets.load !== undefined) sent.push(await load(layout, image.digest, targets.load, composition));
  if (targets.push !== undefined) sent.push(await push(layout, image.digest, targets.push, composition));
  return sent;
}

async function writeTar(layout: Layout, digest: Digest, file: string, { context }: Composition): Promise<TargetResult> {
  const name = `mcpgen/${basename(file)
    .replace(/\.tar$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')}`;
  await writeImageArchive(layout, await layout.resolve(digest), { file, references: [name], signal: context.signal });
  return { kind: 'tar', name: file, detail: `loads as ${name}:latest` };
}

async function load(layout: Layout, digest: Digest, name: string, { context }: Composition): Promise<TargetResult> {
  const { connectDocker } = await import('@mcpgen/docker');
  const docker = connectDocker({ host: context.environment['DOCKER_HOST'] });
  const archive = imageArchive(layout, await layout.resolve(digest), { references: [name], signal: context.signal });
  await docker.loadImage(archive, { signal: context.signal });
  return { kind: 'load', name, detail: 'loaded into Docker' };
}

async function push(
  layout: Layout,
  digest: Digest,
  reference: string,
  { context, registry }: Composition,
): Promise<TargetResult> {
  const parsed = parseReference(reference);
  const target = openRegistry(parsed, {
    credentials: dockerCredentials(context),
    signal: context.signal,
    ...(registry.insecure ? { insecure: true } : {}),
  });
  const { copied, mounted, present, bytes } = await copyImage(layout, await layout.resolve(digest), target, {
    tags: [parsed.tag ?? 'latest'],
    signal: context.signal,
  });
  return {
    kind: 'push',
    name: reference,
    detail: `${copied} blobs sent (${formatBytes(bytes)}), ${mounted + present} there already, ${digest}`,
  };
}
