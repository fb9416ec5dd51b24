import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a client and a server, and can be a network that fails. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Ends all connections and refuses new ones, as while a server restarts. */
  cut(): void;
  /** Lets bytes through no more: neither end hears of it. */
  freeze(): void;
  /** The same for the connections there are: new ones work. */
  freezeOpen(): void;
  mend(): Promise<void>;
}

export async function startTcpProxy(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const frozen = new WeakSet<Socket>();
  let isFrozen = false;
  const server = createServer((client) => {
    client.on('error', () => {});
    const upstream = connect(target.port, target.host);
    upstream.on('error', () => client.destroy());
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk) => !isFrozen && !frozen.has(from) && to.write(chunk));
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const end = () => {
    for (const socket of sockets) socket.destroy();
  };
  const { port } = server.address() as AddressInfo;
  return {
    port,
    cut: () => {
      server.close();
      end();
    },
    freeze: () => {
      isFrozen = true;
    },
    freezeOpen: () => {
      for (const socket of sockets) frozen.add(socket);
    },
    mend: async () => {
      if (isFrozen) end(); // what was lost on the way would leave both ends out of step
      isFrozen = false;
      if (server.listening) return;
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    async [Symbol.asyncDispose]() {
      end();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
}
