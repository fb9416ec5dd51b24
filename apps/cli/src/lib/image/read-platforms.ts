import { formatPlatform, type Image, type Platform, platformOf, readImages } from '@mcpgen/oci';
import { platformUnavailable } from '../errors.ts';
import type { OpenImage } from './open-image.ts';

/** The images behind a name, one for each platform, or the one for the platform that was asked for. */
export async function readPlatforms(
  { name, store, root }: OpenImage,
  platform: string | undefined,
): Promise<readonly Image[]> {
  const images = await readImages(store, root);
  if (platform === undefined) return images;
  const found = images.filter((image) => matches(image, platform));
  if (found.length === 0) throw platformUnavailable(platform, name, images.map(platformText).join(', '));
  return found;
}

/** One image: for the platform that was asked for, else for this machine's, else the first. */
export async function readOnePlatform(image: OpenImage, platform: string | undefined): Promise<Image> {
  const images = await readPlatforms(image, platform);
  const own = formatPlatform(platformOf('linux', process.arch));
  const found = images.find((candidate) => matches(candidate, own)) ?? images[0];
  if (found === undefined) throw platformUnavailable(platform ?? own, image.name, 'no platform');
  return found;
}

/** `linux/amd64` */
export function platformText({ config }: { readonly config: Platform }): string {
  return formatPlatform(config);
}

function matches({ config }: Image, wanted: string): boolean {
  const text = formatPlatform(config);
  return text === wanted || text.startsWith(`${wanted}/`);
}
