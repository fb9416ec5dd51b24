import { type BuildImageOptions, type BuiltImage, buildByBuildx } from '@mcpgen/docker';
import { dockerCredentials } from '@mcpgen/oci';
import { connectToDocker, dockerConfigDirectory } from '../../connect-to-docker.ts';
import type { BuildRequest } from '../build-request.ts';
import type { DockerCaches } from './docker-caches.ts';

/** What both kinds of Docker builders are told. */
export type DockerBuild = Required<Pick<BuildImageOptions, 'context' | 'tags' | 'onEvent'>>;

/** Nothing that a build makes shows when it was made. */
const REPRODUCIBLE = { SOURCE_DATE_EPOCH: '0' };

/** Has the image built by the engine itself, or by buildx where that was asked for. */
export async function runDockerBuild(
  request: BuildRequest,
  build: DockerBuild,
): Promise<BuiltImage & { readonly by: string }> {
  const { context, settings, bases } = request;
  const { builder, targets, dockerCaches, image } = settings;
  const common = {
    ...build,
    buildArgs: REPRODUCIBLE,
    push: targets.push !== undefined,
    pull: bases === 'look-up',
    noCache: request.cache === 'off',
    signal: context.signal,
  };
  if (builder !== 'docker') {
    const name = builder.startsWith('buildx:') ? { builder: builder.slice('buildx:'.length) } : {};
    const { from: cacheFrom, to: cacheTo } = dockerCaches;
    const platforms = image?.platforms ?? [];
    const { environment } = context;
    return {
      ...(await buildByBuildx({ ...common, ...name, environment, platforms, cacheFrom, cacheTo })),
      by: builder,
    };
  }
  const [platform] = image?.platforms ?? [];
  const engine = await connectToDocker(context);
  const { version } = await engine.ping();
  const built = await engine.buildImage({
    ...common,
    ...engineCaches(dockerCaches),
    ...(platform !== undefined && { platform }),
    credentials: dockerCredentials({
      configDirectory: dockerConfigDirectory(context),
      environment: context.environment,
    }),
  });
  return { ...built, by: `Docker ${version}` };
}

/** The engine names a cache by its image alone. */
function engineCaches({ from, to }: DockerCaches) {
  return { cacheFrom: from.map((cache) => cache.replace(/^type=registry,ref=/, '')), inlineCache: to.length > 0 };
}
