import { type Lazy, lazy } from '@mcpgen/server-runtime-perf/lazy';
import type { Connector, ConnectorsOption } from '../authoring/define.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { connectorMissing } from '../errors.ts';
import type { OnEvent } from '../protocol/events.ts';
import { RunningCalls } from './running-calls.ts';

type Clients = Readonly<Record<string, unknown>>;

const NO_CLIENTS: Clients = Object.freeze({});

interface Connection {
  readonly opened: Lazy<{ readonly client: unknown }>;
  /** Aborted when the connector is closed, be it while it still opens. */
  readonly controller: AbortController;
  /** By which tools know it. */
  readonly names: Set<string>;
}

/** The open connectors of a server: each opened on first use, shared by all tools, closed when the server stops. */
export class Connections {
  readonly calls = new RunningCalls();
  readonly #open = new Map<Connector<unknown>, Connection>();
  /** Opened for an earlier catalogue, and not called for since. */
  readonly #left = new Map<Connector<unknown>, Connection>();
  /** Replaced, and open for the calls that still have them. */
  readonly #leaving = new Map<Connector<unknown>, Connection>();
  #sets = new WeakMap<object, Clients>();
  #closed = false;
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
    const sets = this.#sets;
    const clients: Record<string, unknown> = {};
    const entries = await Promise.all(namedConnectors(connectors, catalogue));
    await Promise.all(
      entries.map(async ([name, connector]) => {
        clients[name] = (await this.#connection(name, connector).opened.get()).client;
      }),
    );
    sets.set(connectors, Object.freeze(clients));
    return clients;
  }

  /**
   * Looks names up anew from now on: another catalogue may mean another connector by them. What is open stays so until
   * a connector of the same name takes its place and the calls of that moment have ended.
   */
  forget(): void {
    this.#sets = new WeakMap();
    for (const [connector, connection] of this.#open) this.#left.set(connector, connection);
    this.#open.clear();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const open = [...this.#open, ...this.#left, ...this.#leaving];
    for (const connections of [this.#open, this.#left, this.#leaving]) connections.clear();
    await Promise.all(open.map(([connector, connection]) => this.#close(connector, connection)));
  }

  async #close(connector: Connector<unknown>, { opened, controller }: Connection): Promise<void> {
    controller.abort();
    const ready = opened.peek();
    if (ready !== undefined) await this.#closeClient(connector, ready.client);
  }

  async #openConnector(connector: Connector<unknown>, signal: AbortSignal): Promise<unknown> {
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

  #connection(name: string, connector: Connector<unknown>): Connection {
    const known = this.#open.get(connector) ?? this.#left.get(connector) ?? this.#replace(name, connector);
    known.names.add(name);
    this.#left.delete(connector);
    this.#open.set(connector, known);
    return known;
  }

  #replace(name: string, connector: Connector<unknown>): Connection {
    for (const [other, connection] of this.#left) {
      if (!connection.names.has(name)) continue;
      this.#left.delete(other);
      this.#leaving.set(other, connection);
      this.calls.afterAll(() => {
        if (this.#leaving.get(other) !== connection) return;
        this.#leaving.delete(other);
        this.#close(other, connection);
      });
    }
    const controller = new AbortController();
    if (this.#closed) controller.abort();
    const opened = lazy(async () => ({ client: await this.#openConnector(connector, controller.signal) }));
    return { opened, controller, names: new Set() };
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
