import { BlockList, isIP } from 'node:net';
import type { DockerOptions as ClientOptions } from 'dockerode';
import { dockerHostInvalid } from './errors.ts';

/** Files of a TLS client, in PEM: `ca.pem`, `cert.pem` and `key.pem` of `DOCKER_CERT_PATH`. */
export interface DockerTls {
  readonly ca: Buffer | string;
  readonly cert: Buffer | string;
  readonly key: Buffer | string;
}

/** Where Docker listens when nothing else is said. */
export const DEFAULT_DOCKER_HOST = 'unix:///var/run/docker.sock';

/**
 * Reads a `DOCKER_HOST` into options for the client. All options are set, since the client fills gaps from the environment.
 * A daemon over TCP without TLS gives root to whoever reaches it: only loopback is let through.
 *
 * @throws {DockerError} `DOCKER_HOST_INVALID`
 */
export function parseDockerHost(host: string, tls: DockerTls | undefined): ClientOptions {
  const url = URL.parse(host);
  if (url === null) throw dockerHostInvalid(host, 'it is not a URL');
  const none = {
    host: undefined,
    port: undefined,
    socketPath: undefined,
    ca: undefined,
    cert: undefined,
    key: undefined,
  };
  switch (url.protocol) {
    case 'unix:':
    case 'npipe:':
      if (url.pathname === '') throw dockerHostInvalid(host, 'it names no path');
      return { ...none, protocol: 'http', socketPath: decodeURIComponent(url.pathname) };
    case 'tcp:':
    case 'https:':
      return { ...none, ...tcpOptions(host, url, tls) };
    case 'ssh:':
      throw dockerHostInvalid(
        host,
        'ssh is not supported',
        'Forward the socket with `ssh -nNT -L /tmp/docker.sock:/var/run/docker.sock HOST`.',
      );
    default:
      throw dockerHostInvalid(host, `"${url.protocol}" is not supported`);
  }
}

function tcpOptions(host: string, { hostname, port }: URL, tls: DockerTls | undefined): ClientOptions {
  const name = hostname.replace(/^\[|\]$/g, '');
  if (tls !== undefined) return { host: name, port: port || '2376', protocol: 'https', ...tls };
  if (isLoopback(name)) return { host: name, port: port || '2375', protocol: 'http' };
  throw dockerHostInvalid(
    host,
    'tcp without TLS gives root to whoever can reach it',
    'Give TLS files, or use ssh port forwarding.',
  );
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

function isLoopback(name: string): boolean {
  const family = isIP(name);
  return name === 'localhost' || (family !== 0 && LOOPBACK.check(name, family === 4 ? 'ipv4' : 'ipv6'));
}
