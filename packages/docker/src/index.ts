export { type BuildxOptions, buildByBuildx } from './lib/build/build-by-buildx.ts';
export type { BuildImageOptions, BuiltImage } from './lib/build/build-image.ts';
export type { BuildEvent, BuildStep } from './lib/build/build-trace.ts';
export type { RegistryCredentials, SessionOptions } from './lib/build/open-session.ts';
export { connectDocker, type DockerEngine, type DockerInfo, type DockerOptions } from './lib/connect-docker.ts';
export { DEFAULT_DOCKER_HOST, type DockerTls } from './lib/docker-host.ts';
export { DockerError, type DockerErrorCode, type DockerErrorFacts } from './lib/errors.ts';
export type { LoadEvent, LoadImageOptions, LoadResult } from './lib/load-image.ts';
export type { ContainerLogs, ContainerOptions, RunningContainer } from './lib/run-container.ts';
