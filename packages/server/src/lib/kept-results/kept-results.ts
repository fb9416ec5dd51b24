import type { ResultCacheCounts } from '@mcpgen/server-runtime-perf/result-cache';
import type { McpServer } from '../mcp-server.ts';

/** What keeps the results of a catalogue's tools. */
export interface KeptResults {
  stats(): ResultStats;
  /** @param tool all where there is none. */
  clear(server: McpServer, tool: string | undefined): Promise<void>;
}

/** How the results of a server's tools fare, since it began to keep them. */
export interface ResultStats extends ResultCacheCounts {
  /** What lies in this process' memory now. */
  readonly bytes: number;
  readonly entries: number;
}
