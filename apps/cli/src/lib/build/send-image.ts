import { readFileSync } from 'node:fs';
import type { Digest } from '@mcpgen/build-cache';
import {
  copyImage,
  type Descriptor,
  imageArchive,
  joinStores,
  type Layout,
  openLayout,
  parseReference,
  type RegistryStore,
  signImage,
  writeImageArchive,
} from '@mcpgen/oci';
import { connectToDocker } from '../connect-to-docker.ts';
import type { CliContext } from '../context.ts';
import { formatBytes } from '../report/format.ts';
import type { BuildRequest } from './build-request.ts';
import type { ImageResult, TargetResult } from './build-result.ts';
import { imageName } from './image-name.ts';
import { openRegistries } from './open-registries.ts';

/** Sends the finished image where the flags say; nothing is sent unless asked for. */
export async function sendImage(request: BuildRequest, image: ImageResult): Promise<readonly TargetResult[]> {
  const { targets } = request.settings;
  const layout = await openLayout(image.directory);
  const sent: TargetResult[] = [];
  if (targets.tar !== undefined) sent.push(await writeTar(layout, image.digest, targets.tar, request));
  if (targets.load !== undefined) sent.push(await load(layout, image.digest, targets.load, request));
  if (targets.push !== undefined) sent.push(await push(layout, image, targets.push, request));
  return sent;
}

async function writeTar(
  layout: Layout,
  digest: Digest,
  file: string,
  { context, settings }: BuildRequest,
): Promise<TargetResult> {
  const name = imageName(settings);
  await writeImageArchive(layout, await layout.resolve(digest), { file, references: [name], signal: context.signal });
  return { kind: 'tar', name: file, detail: `loads as ${name}` };
}

async function load(layout: Layout, digest: Digest, name: string, { context }: BuildRequest): Promise<TargetResult> {
  const docker = await connectToDocker(context);
  // Before anything is sent: without a daemon the answer is one clear sentence.
  await docker.ping();
  const archive = imageArchive(layout, await layout.resolve(digest), { references: [name], signal: context.signal });
  await docker.loadImage(archive, { signal: context.signal });
  return { kind: 'load', name, detail: 'loaded into Docker' };
}

async function push(
  layout: Layout,
  image: ImageResult,
  name: string,
  { context, settings, insecure }: BuildRequest,
): Promise<TargetResult> {
  const reference = parseReference(name);
  const openRepository = openRegistries(context, { insecure });
  const target = openRepository(reference, 'push');
  const base = image.base === 'host' ? undefined : parseReference(image.base);
  // In the registry of the base its layers are mounted, not sent.
  const source = base?.registry === reference.registry ? joinStores(layout, openRepository(base, 'pull')) : layout;
  const root = await layout.resolve(image.digest);
  const { copied, mounted, present, bytes } = await copyImage(source, root, target, {
    tags: [reference.tag ?? 'latest'],
    signal: context.signal,
  });
  await pushDocuments(layout, target, { image, root, signal: context.signal });
  if (settings.targets.sign === true) await signPushed(layout, target, { image, root, context });
  return {
    kind: 'push',
    name,
    detail: `${settings.targets.sign === true ? 'signed, ' : ''}${copied} blobs sent (${formatBytes(bytes)}), ${mounted + present} there already, ${image.digest}`,
  };
}

/** SBOM and provenance go with the image, as what speaks of it. */
async function pushDocuments(
  layout: Layout,
  target: RegistryStore,
  { image, root, signal }: { readonly image: ImageResult; readonly root: Descriptor; readonly signal: AbortSignal },
): Promise<void> {
  if (image.documents === undefined) return;
  const wanted = new Set(image.documents.map(({ digest }) => digest));
  for (const referrer of await layout.referrers(image.digest)) {
    if (!wanted.has(referrer.digest)) continue;
    await copyImage(layout, referrer, target, { signal });
    await target.attach(referrer, root);
  }
}

/** Signs the image where it was pushed to, and its provenance. */
async function signPushed(
  layout: Layout,
  target: RegistryStore,
  { image, root, context }: { readonly image: ImageResult; readonly root: Descriptor; readonly context: CliContext },
): Promise<void> {
  const { readSigningKey } = await import('../image/signing-key.ts');
  const privateKey = await readSigningKey(context.environment);
  const { registry, repository } = target.reference;
  const provenance = (image.documents ?? []).filter(({ kind }) => kind === 'provenance');
  const statements = provenance.map(({ content }) => readFileSync(layout.blobPath(content)));
  await signImage(target, root, { name: `${registry}/${repository}`, privateKey, statements });
}
