import type { Client, Connection } from 'pg';

/** What of pg's client and connection is not in its types: https://github.com/brianc/node-postgres, lib/client.js. */
interface CancellableClient {
  readonly host: string;
  readonly port: number;
  readonly ssl: boolean | object;
  readonly sslNegotiation: string;
  readonly processID: number | null;
  readonly secretKey: unknown;
}

interface CancelConnection {
  connect(portOrPath: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processID: number, secretKey: unknown): void;
  on(event: 'connect' | 'sslconnect' | 'end' | 'error', listener: () => void): void;
  readonly stream: { destroy(): void; unref?(): void };
}

export interface ConnectionConstructor {
  new (config: { readonly ssl: boolean | object; readonly sslNegotiation: string }): Connection;
}

/**
 * Asks the server to stop what a connection runs, by a cancel request of the protocol: it needs no login and no free
 * place, goes through TLS where the connection does, and works behind poolers, which give out process ids of their own.
 * Settles when the request has been taken or has failed; whether it came in time shows in the query alone.
 */
export function cancelQuery(client: Client, ConnectionClass: ConnectionConstructor, timeout: number): Promise<void> {
  const { host, port, ssl, sslNegotiation, processID, secretKey } = asCancellable(client);
  if (processID === null) return Promise.resolve();
  const connection = asCancelConnection(new ConnectionClass({ ssl, sslNegotiation }));
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => {
    clearTimeout(timer);
    connection.stream.destroy();
    resolve();
  };
  const timer = setTimeout(end, timeout);
  timer.unref();
  const send = () => connection.cancel(processID, secretKey);
  connection.on('connect', () => {
    if (!ssl) send();
    else if (sslNegotiation !== 'direct') connection.requestSsl();
  });
  connection.on('sslconnect', send);
  connection.on('error', end);
  connection.on('end', end);
  if (host.startsWith('/')) connection.connect(`${host}/.s.PGSQL.${port}`);
  else connection.connect(port, host);
  return promise;
}

function asCancellable(client: Client): CancellableClient {
  return client as unknown as CancellableClient;
}

function asCancelConnection(connection: Connection): CancelConnection {
  return connection as unknown as CancelConnection;
}
