import type Docker from 'dockerode';
import { dockerFailure } from './errors.ts';
import { parseLogFrames } from './log-frames.ts';

/** What to run, and how shut in. */
export interface ContainerOptions {
  readonly image: string;
  /** In place of the image's `Entrypoint`. */
  readonly entrypoint?: readonly string[];
  /** In place of the image's `Cmd`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** `host`, `none`, `bridge` or the name of a network. @default the daemon's */
  readonly network?: string;
  /** Ports of the container by their port on 127.0.0.1. */
  readonly ports?: Readonly<Record<number, number>>;
  /** No writes but to `/tmp`, no capabilities, no new privileges. @default false */
  readonly hardened?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** What a container printed. */
export interface ContainerLogs {
  readonly stdout: string;
  readonly stderr: string;
}

/** A container that was started. Disposing of it removes it, running or not. */
export interface RunningContainer extends AsyncDisposable {
  readonly id: string;
  logs(): Promise<ContainerLogs>;
  /** Settles with the exit code when the container ends. */
  wait(): Promise<number>;
  /** Sends SIGTERM, and SIGKILL after so many seconds. @default 10 */
  stop(seconds?: number): Promise<void>;
  remove(): Promise<void>;
}

/** Creates and starts a container; nothing is left behind when that fails. */
export async function startContainer(
  client: Docker,
  options: ContainerOptions,
  host: string,
): Promise<RunningContainer> {
  const { image, signal } = options;
  const action = `run "${image}"`;
  const named = async <T>(promise: Promise<T>): Promise<T> => {
    try {
      return await promise;
    } catch (cause) {
      throw dockerFailure(action, host, cause);
    }
  };
  const container = await named(client.createContainer(createOptions(options)));
  const remove = async () => {
    // Gone already is as good.
    await container.remove({ force: true, v: true }).catch((error: { statusCode?: number }) => {
      if (error.statusCode !== 404) throw dockerFailure(`remove the container of "${image}"`, host, error);
    });
  };
  try {
    signal?.throwIfAborted();
    await named(container.start());
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    id: container.id,
    logs: async () => parseLogFrames(await named(container.logs({ stdout: true, stderr: true, follow: false }))),
    wait: async () => exitCodeOf(await named(container.wait(signal && { abortSignal: signal }))),
    stop: async (seconds = 10) => {
      await named(container.stop({ t: seconds }));
    },
    remove,
    [Symbol.asyncDispose]: remove,
  };
}

function createOptions({
  image,
  entrypoint,
  args,
  env = {},
  network,
  ports = {},
  hardened = false,
}: ContainerOptions): Docker.ContainerCreateOptions {
  const bindings = Object.entries(ports).map(
    ([outer, inner]) => [`${inner}/tcp`, [{ HostIp: '127.0.0.1', HostPort: outer }]] as const,
  );
  return {
    Image: image,
    ...(entrypoint && { Entrypoint: [...entrypoint] }),
    ...(args && { Cmd: [...args] }),
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    ExposedPorts: Object.fromEntries(bindings.map(([port]) => [port, {}])),
    HostConfig: {
      ...(network !== undefined && { NetworkMode: network }),
      PortBindings: Object.fromEntries(bindings),
      ...(hardened && HARDENED),
    },
  };
}

const HARDENED = {
  ReadonlyRootfs: true,
  CapDrop: ['ALL'],
  SecurityOpt: ['no-new-privileges'],
  Tmpfs: { '/tmp': '' },
};

function exitCodeOf(result: unknown): number {
  const code = typeof result === 'object' && result !== null && 'StatusCode' in result ? result.StatusCode : undefined;
  return typeof code === 'number' ? code : -1;
}
