import { usageError } from '../../errors.ts';
import type { RemoteCacheFlags } from '../remote-cache-settings.ts';
import type { Builder } from './docker-builder.ts';

/** Caches of BuildKit: `type=registry,ref=…,mode=max`, `type=local,dest=…`, `type=gha`, `type=inline`. */
export interface DockerCaches {
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** Told from our own caches by how buildx writes them. */
export function isDockerCache(place: string): boolean {
  return /^type=\w/.test(place);
}

export function dockerCaches({ cacheFrom = [], cacheTo }: RemoteCacheFlags, builder: Builder): DockerCaches {
  const from = cacheFrom.filter(isDockerCache);
  const to = cacheTo !== undefined && isDockerCache(cacheTo) ? [cacheTo] : [];
  const [first] = [...from, ...to];
  if (first !== undefined && builder === 'daemonless')
    throw usageError(
      `Cannot use the cache "${first}": it is one of BuildKit, which does not make this image`,
      'Name a repository, such as ghcr.io/owner/cache:main, or add --builder buildx',
    );
  const other = to.find((cache) => cache !== 'type=inline');
  if (other !== undefined && builder === 'docker')
    throw usageError(
      `Cannot write the cache "${other}" by the engine: it knows "type=inline" alone`,
      'Use --builder buildx',
    );
  return { from, to };
}
