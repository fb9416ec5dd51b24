import type { Platform } from '@mcpgen/oci';
import type Docker from 'dockerode';
import type { BuildImageOptions, BuiltImage } from './build/build-image.ts';
import { DEFAULT_DOCKER_HOST, type DockerTls, parseDockerHost } from './docker-host.ts';
import { dockerFailure, dockerTooOld } from './errors.ts';
import { type LoadImageOptions, type LoadResult, loadImage } from './load-image.ts';
import { type ImageStore, readImageStore } from './read-image-store.ts';
import { type ContainerLogs, type ContainerOptions, type RunningContainer, startContainer } from './run-container.ts';

/** Which daemon to talk to. */
export interface DockerOptions {
  /** What `DOCKER_HOST` says. @default unix:///var/run/docker.sock */
  readonly host?: string;
  /** For `tcp://`. */
  readonly tls?: DockerTls;
}

/** What a daemon is, with the platform whose images it runs. */
export interface DockerInfo extends Platform {
  /** Of the engine: `28.5.2`. */
  readonly version: string;
  readonly apiVersion: string;
  readonly imageStore: ImageStore;
}

/** A Docker daemon. */
export interface DockerEngine {
  readonly host: string;
  /**
   * Checks that the daemon answers within five seconds and is new enough, and says what it is.
   *
   * @throws {DockerError} `DOCKER_NOT_RUNNING`, `DOCKER_PERMISSION_DENIED`, `DOCKER_TOO_OLD`, `DOCKER_CONNECTION_LOST`
   */
  ping(): Promise<DockerInfo>;
  /**
   * Loads an image archive: `imageArchive` of `@mcpgen/oci`, or a file's stream.
   *
   * @throws {DockerError} `DOCKER_LOAD_FAILED` and what `ping` throws; the archive's own errors stay as they are.
   */
  loadImage(archive: AsyncIterable<Uint8Array>, options?: LoadImageOptions): Promise<LoadResult>;
  /**
   * Builds an image with BuildKit, from a tar that holds the Dockerfile and all it copies.
   *
   * @throws {DockerError} `DOCKER_BUILD_FAILED`, `DOCKER_BASE_NOT_FOUND`, `DOCKER_REGISTRY_REFUSED`,
   *   `DOCKER_SECRET_MISSING`, `DOCKER_DISK_FULL` and what `ping` throws; the context's own errors stay as they are.
   */
  buildImage(options: BuildImageOptions): Promise<BuiltImage>;
  /** Starts a container. @throws {DockerError} `DOCKER_IMAGE_NOT_FOUND`, `DOCKER_REFUSED` */
  startContainer(options: ContainerOptions): Promise<RunningContainer>;
  /** Runs a container to its end and removes it. */
  runContainer(options: ContainerOptions): Promise<ContainerLogs & { readonly exitCode: number }>;
  /** Removes an image by name; nothing happens when it is not there. */
  removeImage(reference: string): Promise<void>;
}

/** The API of Docker 20.10. */
const MIN_API_VERSION = '1.41';
const PING_TIMEOUT = 5000;

/**
 * Connects to a Docker daemon. The client library is loaded here, so that whoever imports this module pays nothing before.
 * Nothing is sent yet: call `ping` for that.
 *
 * @throws {DockerError} `DOCKER_HOST_INVALID`
 */
export async function connectDocker({ host = DEFAULT_DOCKER_HOST, tls }: DockerOptions = {}): Promise<DockerEngine> {
  const options = parseDockerHost(host, tls);
  const { default: Client } = await import('dockerode');
  const client = new Client(options);
  const start = (container: ContainerOptions) => startContainer(client, container, host);
  return {
    host,
    ping: () => ping(client, host),
    loadImage: (archive, load = {}) => loadImage(client, archive, { ...load, host }),
    // What speaks to BuildKit's session is loaded for a build alone.
    buildImage: async (options) => {
      const { buildImage } = await import('./build/build-image.ts');
      return buildImage(client, { ...options, host });
    },
    startContainer: start,
    async runContainer(container) {
      const running = await start(container);
      try {
        const exitCode = await running.wait();
        return { ...(await running.logs()), exitCode };
      } finally {
        await running.remove();
      }
    },
    async removeImage(reference) {
      try {
        await client.getImage(reference).remove({ force: true });
      } catch (cause) {
        if (!isMissing(cause)) throw dockerFailure(`remove "${reference}"`, host, cause);
      }
    },
  };
}

async function ping(client: Docker, host: string): Promise<DockerInfo> {
  try {
    const [version, imageStore] = await within(PING_TIMEOUT, Promise.all([client.version(), readImageStore(client)]));
    if (compareVersions(version.ApiVersion, MIN_API_VERSION) < 0)
      throw dockerTooOld(host, version.ApiVersion, MIN_API_VERSION);
    return {
      version: version.Version,
      apiVersion: version.ApiVersion,
      os: version.Os,
      architecture: version.Arch,
      imageStore,
    };
  } catch (cause) {
    throw dockerFailure('reach Docker', host, cause);
  }
}

async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => timeout.reject(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })),
    milliseconds,
  );
  try {
    return await Promise.race([promise, timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function compareVersions(a: string, b: string): number {
  const [major = 0, minor = 0] = a.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = b.split('.').map(Number);
  return major - otherMajor || minor - otherMinor;
}

function isMissing(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'statusCode' in error && error.statusCode === 404;
}
