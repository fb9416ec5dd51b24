import type { Implementation } from '@mcpgen/server';
import type { ImageSettings } from '../settings.ts';

/** The labels that registries and catalogues of images read: https://github.com/opencontainers/image-spec/blob/v1.1.1/annotations.md */
export function imageLabels(
  server: Pick<Implementation, 'name' | 'version' | 'title' | 'description'>,
  { labels }: Pick<ImageSettings, 'labels'>,
): Readonly<Record<string, string>> {
  return {
    'org.opencontainers.image.title': server.title ?? server.name,
    'org.opencontainers.image.version': server.version,
    ...(server.description === undefined ? {} : { 'org.opencontainers.image.description': server.description }),
    'io.modelcontextprotocol.server.name': server.name,
    ...labels,
  };
}
