import { type Lazy, lazy } from '@mcpgen/server-runtime-perf';
import type { Catalogue } from './catalogue.ts';
import type { Connector, ConnectorsOption } from './define.ts';
import { connectorMissing } from './errors.ts';
import type { OnEvent } from './events.ts';

type Clients = Readonly<Record<string, unknown>>;

const NO_CLIENTS: Clients = Object.freeze({});

/** The open connectors of a server: each opened on first use, shared by all tools, closed when the server stops. */
export class Connections {
  readonly #open = new Map<Connector<unknown>, Lazy<{ readonly client: unknown }>>();
  #sets = new WeakMap<object, Clients>();
  readonly #stopping = new AbortController();
  readonly #onEvent: OnEvent | undefined;

  constructor(onEvent: OnEvent | undefined) {
    this.#onEvent = onEvent;
  }

  /** The clients for a tool's connectors, if nothing must be waited for. */
  peek(connectors: ConnectorsOption | undefined): Clients | undefined {
    if (connectors === undefined) return NO_CLIENTS;
    const known = this.#sets.get(connectors);
    return known ?? (isEmpty(connectors) ? NO_CLIENTS : undefined);
  }

  async open(connectors: ConnectorsOption | undefined, catalogue: Catalogue): Promise<Clients> {
    const known = this.peek(connectors);
    if (known !== undefined || connectors === undefined) return known ?? NO_CLIENTS;
    const clients: Record<string, unknown> = {};
    const entries = await Promise.all(namedConnectors(connectors, catalogue));
    await Promise.all(
      entries.map(async ([name, connector]) => {
        clients[name] = (await this.#connection(connector).get()).client;
      }),
    );
    this.#sets.set(connectors, Object.freeze(clients));
    return clients;
  }

  /** Looks names up anew from now on: another catalogue may mean another connector by them. */
  forget(): void {
    this.#sets = new WeakMap();
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    const open = [...this.#open];
    this.#open.clear();
    await Promise.all(
      open.map(async ([connector, connection]) => {
        const opened = connection.peek();
        if (opened !== undefined) await this.#closeClient(connector, opened.client);
      }),
    );
  }

  async #openConnector(connector: Connector<unknown>): Promise<unknown> {
    const { signal } = this.#stopping;
    const client = await connector.open({ signal });
    if (signal.aborted) await this.#closeClient(connector, client);
    return client;
  }

  async #closeClient(connector: Connector<unknown>, client: unknown): Promise<void> {
    try {
      await connector.close?.(client);
    } catch (error) {
      this.#onEvent?.({ type: 'connector-closed-badly', error });
    }
  }

  #connection(connector: Connector<unknown>): Lazy<{ readonly client: unknown }> {
    const known = this.#open.get(connector);
    if (known !== undefined) return known;
    const connection = lazy(async () => ({ client: await this.#openConnector(connector) }));
    this.#open.set(connector, connection);
    return connection;
  }
}

type NamedConnector = readonly [name: string, connector: Connector<unknown>];

function namedConnectors(connectors: ConnectorsOption, catalogue: Catalogue): Promise<NamedConnector>[] {
  if (!isNames(connectors)) {
    return Object.entries(connectors).map(async ([name, connector]) => [name, connector] as const);
  }
  return connectors.map(async (name) => {
    const entry = catalogue.connector(name);
    if (entry === undefined) throw connectorMissing(name);
    return [name, await entry.get()] as const;
  });
}

function isNames(connectors: ConnectorsOption): connectors is readonly string[] {
  return Array.isArray(connectors);
}

function isEmpty(connectors: ConnectorsOption): boolean {
  return Object.keys(connectors).length === 0;
}
