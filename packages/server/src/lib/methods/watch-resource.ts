import type { Catalogue } from '../catalogue/catalogue.ts';
import type { McpServer } from '../mcp-server.ts';

interface Watch {
  readonly listeners: Set<() => void>;
  readonly controller: AbortController;
}

const watches = new WeakMap<McpServer, Map<string, Watch>>();

/** Calls the listener whenever a resource changes, until the returned function is called. One watch serves all listeners. */
export function watchResource(server: McpServer, catalogue: Catalogue, uri: string, listener: () => void): () => void {
  const byUri = watches.get(server) ?? new Map<string, Watch>();
  watches.set(server, byUri);
  const watch = byUri.get(uri) ?? startWatch(server, catalogue, uri);
  byUri.set(uri, watch);
  watch.listeners.add(listener);
  return () => {
    watch.listeners.delete(listener);
    if (watch.listeners.size > 0) return;
    watch.controller.abort();
    if (byUri.get(uri) === watch) byUri.delete(uri);
  };
}

function startWatch(server: McpServer, catalogue: Catalogue, uri: string): Watch {
  const controller = new AbortController();
  const listeners = new Set<() => void>();
  const changed = (): void => {
    if (!controller.signal.aborted) for (const listener of [...listeners]) listener();
  };
  const run = async (): Promise<void> => {
    const resource = await catalogue.resource(uri)?.entry.loaded.get();
    if (!controller.signal.aborted) await resource?.watch?.(changed, { uri, signal: controller.signal });
  };
  run().catch((error: unknown) => server.onEvent?.({ type: 'handler-failed', what: `watch of "${uri}"`, error }));
  return { listeners, controller };
}
