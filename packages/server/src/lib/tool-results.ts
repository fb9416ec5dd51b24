import { hash } from 'node:crypto';
import type * as ResultCache from '@mcpgen/server-runtime-perf/result-cache';
import type { AnswerFromCache, Catalogue, ToolCall } from './catalogue.ts';
import type { Incoming } from './incoming.ts';
import type { ClientFeature, Implementation, ToolManifest } from './manifest.ts';
import type { ResultCacheOptions } from './mcp-server.ts';
import { isFields } from './message.ts';
import { answerShared, runShared, type SharedRun } from './shared-run.ts';

export interface CachedTool {
  readonly name: string;
  readonly cache: NonNullable<ToolManifest['cache']>;
  readonly uses: readonly ClientFeature[];
}

const DEFAULT_CACHE_LIMIT = 64 * 1024 * 1024;

/** Loads what keeps the results of a catalogue's tools. What clients are told of the tools decides who is cached. */
export async function openToolResults({ info, readList }: Pick<Catalogue, 'info' | 'readList'>): Promise<ToolResults> {
  const [parts, list] = await Promise.all([import('@mcpgen/server-runtime-perf/result-cache'), readList('tools')]);
  return new ToolResults(parts, info, readTools(String(list)));
}

/**
 * The results of one catalogue's tools in one bounded memory. They go with their catalogue: what another one answers
 * is never taken from here.
 */
export class ToolResults {
  readonly #parts: typeof ResultCache;
  readonly #info: Implementation;
  readonly #listed: ReadonlyMap<string, ListedTool>;
  #store: ResultCache.MemoryStore | undefined;

  constructor(parts: typeof ResultCache, info: Implementation, listed: ReadonlyMap<string, ListedTool>) {
    this.#parts = parts;
    this.#info = info;
    this.#listed = listed;
  }

  answersOf(tool: CachedTool): AnswerFromCache {
    const what = `tool "${tool.name}"`;
    const told = new Set<string>();
    const decline = ({ request }: ToolCall, reason: string): void => {
      if (!told.has(reason)) request.server.onEvent?.({ type: 'not-cached', what, reason });
      told.add(reason);
    };
    const hindrance = this.#hindrance(tool);
    let lookUp: SharedRun | undefined;
    return (call, input, runAlone) => {
      const key = hindrance === undefined ? this.#key(tool, call.request, input) : undefined;
      if (key === undefined) decline(call, hindrance ?? 'its arguments, as its schema makes them, are not plain JSON');
      if (key === undefined || carriesAnswers(call.request)) return runAlone(call, input);
      lookUp ??= this.#withCache(tool, call.request.server.resultCache);
      return answerShared(lookUp, { key, call, input, scope: tool.cache.scope });
    };
  }

  clear(): void {
    this.#store?.clear();
  }

  /** Why no result of a tool may be another call's answer. */
  #hindrance({ name, uses }: CachedTool): string | undefined {
    if (this.#listed.get(name)?.readOnly !== true) return 'its annotations do not say "readOnlyHint": true';
    return uses.length > 0 ? 'it asks its client, as "uses" says' : undefined;
  }

  #withCache(
    { cache: { ttl } }: CachedTool,
    { maxBytes = DEFAULT_CACHE_LIMIT, now }: ResultCacheOptions = {},
  ): SharedRun {
    const { createMemoryStore, withResultCache } = this.#parts;
    this.#store ??= createMemoryStore({ maxBytes, ...(now && { now }) });
    return withResultCache(runShared, {
      ttl: (_result, { outcome }) => (outcome.keep ? ttl : 0),
      key: ({ key }) => key,
      store: this.#store,
    });
  }

  /** `undefined` where the arguments cannot be told apart as JSON. */
  #key({ name, cache: { scope } }: CachedTool, request: Incoming, input: unknown): string | undefined {
    try {
      return this.#parts.resultKey({
        server: this.#info.name,
        build: this.#info.version,
        tool: name,
        version: this.#listed.get(name)?.digest ?? '',
        scope,
        caller: request.exchange.caller,
        protocolVersion: request.version,
        reads: whatIsHeard(request),
        arguments: input,
      });
    } catch {
      return undefined;
    }
  }
}

/** Who wants to hear of progress or logs is not answered by a run that had nobody to tell. */
function whatIsHeard({ meta, logLevel }: Incoming): Readonly<Record<string, string | undefined>> {
  return { progress: meta.progressToken === undefined ? undefined : 'wanted', logLevel };
}

function carriesAnswers({ params }: Incoming): boolean {
  return params.inputResponses !== undefined || params.requestState !== undefined;
}

interface ListedTool {
  readonly digest: string;
  readonly readOnly: boolean;
}

/** The entries of `tools/list` by name. */
function readTools(list: string): ReadonlyMap<string, ListedTool> {
  const entries: unknown = JSON.parse(list);
  const tools = Array.isArray(entries) ? entries.filter(isFields) : [];
  return new Map(
    tools.map((tool) => {
      const readOnly = isFields(tool.annotations) && tool.annotations.readOnlyHint === true;
      return [String(tool.name), { digest: hash('sha256', JSON.stringify(tool)), readOnly }];
    }),
  );
}
