/** Servers that are started once and stay for all rounds, by the name of their variant. */
export class WarmServers<Server extends AsyncDisposable> implements AsyncDisposable {
  readonly #servers = new Map<string, Server>();

  add(variant: string, server: Server): Server {
    this.#servers.set(variant, server);
    return server;
  }

  get(variant: string): Server {
    const server = this.#servers.get(variant);
    if (server === undefined) throw new Error(`No server was started for variant "${variant}"`);
    return server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#servers.values()].map((server) => server[Symbol.asyncDispose]()));
  }
}
