import type { RedisClient, RedisStoreEvent } from '@mcpgen/server-runtime-perf/redis-store';
import type * as ResultCache from '@mcpgen/server-runtime-perf/result-cache';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { moduleInvalid } from '../errors.ts';
import type { McpServer } from '../mcp-server.ts';
import { isFields } from '../protocol/message.ts';

export interface OpenedStore {
  readonly store: ResultCache.ResultStore & { readonly bytes?: number; readonly entries?: number };
  /** Keeps apart what other code has made; the same in all processes that share the store. */
  readonly build: string;
  close(): void;
}

const DEFAULT_CACHE_LIMIT = 64 * 1024 * 1024;

/** Opens where a server's results are kept: the store it was given, the connector it names, or memory. */
export async function openResultStore(
  { createMemoryStore }: typeof ResultCache,
  server: McpServer,
  catalogue: Catalogue,
): Promise<OpenedStore> {
  const { store: connector, ...configured } = catalogue.options.resultCache ?? {};
  const { store, now, ...given } = server.resultCache ?? {};
  const limits = { maxBytes: DEFAULT_CACHE_LIMIT, ...configured, ...given, ...(now && { now }) };
  if (store !== undefined) return { store, build: await catalogue.build(), close: () => undefined };
  if (connector !== undefined) {
    return openRedisStore(server, catalogue, { ...limits, connector });
  }
  const memory = createMemoryStore(limits);
  return { store: memory, build: catalogue.info.version, close: memory.clear };
}

interface RedisSettings extends ResultCache.MemoryStoreOptions {
  readonly connector: string;
}

async function openRedisStore(
  server: McpServer,
  catalogue: Catalogue,
  { connector, ...limits }: RedisSettings,
): Promise<OpenedStore> {
  const [{ createRedisStore }, build] = await Promise.all([
    import('@mcpgen/server-runtime-perf/redis-store'),
    catalogue.build(),
  ]);
  const names = [connector]; // one array, by which the open clients are known
  const store = createRedisStore({
    ...limits,
    prefix: `mcpgen:${catalogue.info.name}:`,
    client: async () => asRedisClient((await server.connections.open(names, catalogue))[connector], connector),
    ...(server.stateSecret !== undefined && { secret: `results ${server.stateSecret}` }),
    onEvent: (event) => reportStore(server, event),
  });
  return { store, build, close: () => store.close() };
}

/**
 * What a connector opened, or the client in it, as those of @mcpgen/connectors have one.
 * @throws ServerError MODULE_INVALID
 */
function asRedisClient(opened: unknown, connector: string): RedisClient {
  if (isRedisClient(opened)) return opened;
  if (isFields(opened) && isRedisClient(opened.client)) return opened.client;
  throw moduleInvalid(connector, 'as the store of results it must open a client of node-redis, ioredis or iovalkey');
}

function isRedisClient(value: unknown): value is RedisClient {
  return isFields(value) && 'duplicate' in value && ('call' in value || 'sendCommand' in value);
}

function reportStore({ onEvent }: McpServer, event: RedisStoreEvent): void {
  switch (event.type) {
    case 'redis-down':
    case 'write-refused':
      onEvent?.({ type: 'result-store-down', error: event.error });
      break;
    case 'redis-up':
      onEvent?.({ type: 'result-store-up' });
      break;
    case 'entry-refused':
      onEvent?.({ type: 'result-refused', what: 'a tool', reason: `it is ${event.reason}` });
      break;
  }
}
