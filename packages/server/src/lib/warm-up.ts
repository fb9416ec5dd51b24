import type { McpServer } from './mcp-server.ts';

/** How long a server serves before it loads anything ahead of its call, milliseconds. */
const HEAD_START = 200;

/**
 * Loads the tools that `warmUp` names, after the start and one after another, so that requests come first. A tool that
 * cannot be loaded is reported; its next call tries again.
 */
export function scheduleWarmUp(server: McpServer): void {
  if (server.catalogue.options.warmUp === undefined) return;
  const timer = setTimeout(() => warmUp(server), HEAD_START);
  timer.unref();
}

/** Settles when each was tried. Does not throw. */
export async function warmUp({ catalogue, onEvent }: McpServer): Promise<void> {
  const { warmUp: wanted = [] } = catalogue.options;
  for (const name of wanted === true ? catalogue.toolNames() : wanted) {
    await new Promise((resolve) => setImmediate(resolve));
    const what = `warming up tool "${name}"`;
    try {
      const entry = catalogue.tool(name);
      if (entry === undefined) onEvent?.({ type: 'handler-failed', what, error: 'there is no such tool' });
      else await entry.loaded.get();
    } catch (error) {
      onEvent?.({ type: 'handler-failed', what, error });
    }
  }
}
