/**
 * A client that is connected, connecting or waiting for its server: of node-redis (`createClient`), or of ioredis or
 * iovalkey (`new Redis()`). What a result store needs of it, so that this package depends on none of them.
 */
export type RedisClient = NodeRedisClient | IoRedisClient;

export interface NodeRedisClient {
  sendCommand(command: readonly string[]): Promise<unknown>;
  duplicate(): NodeRedisSubscriber;
}

export interface NodeRedisSubscriber {
  on(event: string, listener: (value?: unknown) => void): unknown;
  connect(): Promise<unknown>;
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  destroy(): void;
}

export interface IoRedisClient {
  call(command: string, ...values: string[]): Promise<unknown>;
  duplicate(): IoRedisSubscriber;
}

export interface IoRedisSubscriber {
  on(event: string, listener: (...values: unknown[]) => void): unknown;
  subscribe(channel: string): Promise<unknown>;
  disconnect(): void;
}

/** What all clients can do, said in one way. */
export interface RedisPort {
  /** Sends one command; those of one turn of the event loop go out together. */
  send(command: readonly [name: string, ...values: string[]]): Promise<unknown>;
  /** Listens on a connection of its own. */
  subscribe(channel: string, listener: ChannelListener): ChannelSubscription;
}

export interface ChannelListener {
  readonly onMessage: (message: string) => void;
  /** Messages may have been lost. `final` where the connection does not come back by itself. */
  readonly onDown: (final: boolean) => void;
}

export interface ChannelSubscription {
  /** Rejects where the server cannot be reached or refuses. */
  readonly ready: Promise<unknown>;
  close(): void;
}

export function openRedisPort(client: RedisClient): RedisPort {
  if ('call' in client) {
    return {
      send: ([name, ...values]) => client.call(name, ...values),
      subscribe: (channel, listener) => subscribeIoRedis(client.duplicate(), channel, listener),
    };
  }
  return {
    send: (command) => client.sendCommand(command),
    subscribe: (channel, listener) => subscribeNodeRedis(client.duplicate(), channel, listener),
  };
}

function subscribeNodeRedis(
  subscriber: NodeRedisSubscriber,
  channel: string,
  { onMessage, onDown }: ChannelListener,
): ChannelSubscription {
  for (const event of ['error', 'reconnecting']) subscriber.on(event, () => onDown(false));
  for (const event of ['end', 'terminated']) subscriber.on(event, () => onDown(true));
  const ready = subscriber.connect().then(() => subscriber.subscribe(channel, onMessage));
  return {
    ready,
    close: () => {
      ready.catch(() => {}); // whoever waits for it is told by its own means
      try {
        subscriber.destroy();
      } catch {
        // it was closed already
      }
    },
  };
}

function subscribeIoRedis(
  subscriber: IoRedisSubscriber,
  channel: string,
  { onMessage, onDown }: ChannelListener,
): ChannelSubscription {
  for (const event of ['error', 'close', 'reconnecting']) subscriber.on(event, () => onDown(false));
  subscriber.on('end', () => onDown(true));
  subscriber.on('message', (from, message) => {
    if (from === channel) onMessage(String(message));
  });
  return { ready: subscriber.subscribe(channel), close: () => subscriber.disconnect() };
}
