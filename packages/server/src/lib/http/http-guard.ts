import type { IncomingMessage } from 'node:http';

export interface GuardOptions {
  /** Hosts that may appear in `Host` besides loopback names; `*` stands for any. */
  readonly allowedHosts: readonly string[];
  /** Origins that browsers may call from, besides loopback. */
  readonly allowedOrigins: readonly string[];
}

/** Refuses what DNS rebinding and foreign web pages send: a `Host` or `Origin` that this server was not told of. */
export class HttpGuard {
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;
  readonly #anyHost: boolean;
  /** The last header that passed: one client sends the same one again and again. */
  #passed: string | undefined;

  constructor({ allowedHosts, allowedOrigins }: GuardOptions) {
    this.#hosts = new Set(allowedHosts.map((host) => host.toLowerCase()));
    this.#origins = new Set(allowedOrigins.map((origin) => origin.toLowerCase()));
    this.#anyHost = this.#hosts.has('*');
  }

  /** What is wrong with a request, or nothing. */
  check({ headers: { host, origin } }: IncomingMessage): string | undefined {
    if (host !== this.#passed) {
      if (!this.#isHost(host)) return 'Host is not allowed';
      this.#passed = host;
    }
    return origin === undefined || this.#isOrigin(origin) ? undefined : 'Origin is not allowed';
  }

  /** The value of `Access-Control-Allow-Origin`: only origins that were configured may read answers. */
  readable(origin: string | undefined): string | undefined {
    if (origin === undefined) return undefined;
    return this.#origins.has('*') || this.#origins.has(origin.toLowerCase()) ? origin : undefined;
  }

  #isHost(host: string | undefined): boolean {
    if (this.#anyHost) return true;
    const name = hostName(host);
    return (
      name !== undefined && (isLoopback(name) || this.#hosts.has(name) || this.#hosts.has(host?.toLowerCase() ?? ''))
    );
  }

  #isOrigin(origin: string): boolean {
    if (this.#origins.has('*') || this.#origins.has(origin.toLowerCase())) return true;
    const [, authority] = /^https?:\/\/([^/]+)$/i.exec(origin) ?? [];
    const name = hostName(authority);
    return name !== undefined && isLoopback(name);
  }
}

/** `localhost:3000` and `[::1]:3000` without the port. */
function hostName(host: string | undefined): string | undefined {
  const [, name] = /^(\[[\da-f:.]+\]|[^:[\]/@\s]+)(?::\d{1,5})?$/i.exec(host ?? '') ?? [];
  return name?.toLowerCase();
}

/** Names and addresses that stay on this machine. */
export function isLoopback(name: string): boolean {
  return name === 'localhost' || name === '[::1]' || name === '::1' || /^127(?:\.\d{1,3}){3}$/.test(name);
}
