import { hash } from 'node:crypto';
import type * as ResultCache from '@mcpgen/server-runtime-perf/result-cache';
import type { AnswerFromCache, Catalogue, ToolCall } from '../catalogue/catalogue.ts';
import type { ClientFeature, Implementation, ToolManifest } from '../catalogue/manifest.ts';
import type { McpServer } from '../mcp-server.ts';
import type { Incoming } from '../protocol/incoming.ts';
import { isFields } from '../protocol/message.ts';
import type { KeptResults, ResultStats } from './kept-results.ts';
import { type OpenedStore, openResultStore } from './open-result-store.ts';
import { answerShared, renewShared, runShared, type SharedRun } from './shared-run.ts';

export interface CachedTool {
  readonly name: string;
  readonly cache: NonNullable<ToolManifest['cache']>;
  readonly uses: readonly ClientFeature[];
}

/** Loads what keeps the results of a catalogue's tools. What clients are told of the tools decides who is cached. */
export async function openToolResults({ info, readList }: Pick<Catalogue, 'info' | 'readList'>): Promise<ToolResults> {
  const [parts, list] = await Promise.all([import('@mcpgen/server-runtime-perf/result-cache'), readList('tools')]);
  return new ToolResults(parts, info, readTools(String(list)));
}

/**
 * The results of one catalogue's tools in one bounded store. Those in memory go with their catalogue: what another one
 * answers is never taken from here.
 */
export class ToolResults implements KeptResults {
  readonly #parts: typeof ResultCache;
  readonly #info: Implementation;
  readonly #listed: ReadonlyMap<string, ListedTool>;
  readonly #counter: ResultCache.ResultCacheCounter;
  #opening: Promise<OpenedStore> | undefined;
  #opened: OpenedStore | undefined;

  constructor(parts: typeof ResultCache, info: Implementation, listed: ReadonlyMap<string, ListedTool>) {
    this.#parts = parts;
    this.#info = info;
    this.#listed = listed;
    this.#counter = parts.createResultCacheCounter();
  }

  answersOf(tool: CachedTool): AnswerFromCache {
    const what = `tool "${tool.name}"`;
    const told = new Set<string>();
    const decline = ({ request }: ToolCall, reason: string): void => {
      if (!told.has(reason)) request.server.onEvent?.({ type: 'not-cached', what, reason });
      told.add(reason);
    };
    const hindrance = this.#hindrance(tool);
    let keyOf: KeyOf | undefined;
    let lookUp: SharedRun | undefined;
    const answer: AnswerFromCache = (call, input, runAlone) => {
      if (this.#opened === undefined) {
        return this.#openFor(call).then((isOpen) => (isOpen ? answer(call, input, runAlone) : runAlone(call, input)));
      }
      keyOf ??= this.#keyOf(tool, this.#opened);
      const key = hindrance === undefined ? keyOf(call.request, input) : undefined;
      if (key === undefined) decline(call, hindrance ?? 'its arguments, as its schema makes them, are not plain JSON');
      if (key === undefined || carriesAnswers(call.request)) return runAlone(call, input);
      lookUp ??= this.#withCache(tool, call.request.server, this.#opened);
      return answerShared(lookUp, { key, call, input, scope: tool.cache.scope });
    };
    return answer;
  }

  stats(): ResultStats {
    const { bytes = 0, entries = 0 } = this.#opened?.store ?? {};
    return { ...this.#counter.counts(), bytes, entries };
  }

  async clear(server: McpServer, tool: string | undefined): Promise<void> {
    const { store } = await this.#open(server, server.catalogue);
    await store.clear(tool === undefined ? undefined : this.#tag(tool));
  }

  close(): void {
    if (this.#opened !== undefined) this.#opened.close();
    else this.#opening?.then(({ close }) => close()).catch(() => {}); // whoever opens it is told
  }

  async #open(server: McpServer, catalogue: Catalogue): Promise<OpenedStore> {
    this.#opening ??= openResultStore(this.#parts, server, catalogue);
    try {
      this.#opened = await this.#opening;
    } catch (error) {
      this.#opening = undefined; // the next call tries again
      throw error;
    }
    return this.#opened;
  }

  /** A store that cannot be opened keeps nobody from an answer. */
  async #openFor({ request: { server, catalogue } }: ToolCall): Promise<boolean> {
    try {
      await this.#open(server, catalogue);
      return true;
    } catch (error) {
      server.onEvent?.({ type: 'result-store-down', error });
      return false;
    }
  }

  /** Why no result of a tool may be another call's answer. */
  #hindrance({ name, uses }: CachedTool): string | undefined {
    if (this.#listed.get(name)?.readOnly !== true) return 'its annotations do not say "readOnlyHint": true';
    return uses.length > 0 ? 'it asks its client, as "uses" says' : undefined;
  }

  /** Names of tools have no space: no two of them, of whatever servers, have one tag. */
  #tag(tool: string): string {
    return `${this.#info.name} ${tool}`;
  }

  #withCache({ name, cache }: CachedTool, server: McpServer, { store }: OpenedStore): SharedRun {
    const { ttl, scope: _scope, ...spans } = cache;
    const what = `tool "${name}"`;
    return this.#parts.withResultCache(runShared, {
      ...spans,
      ttl: (_result, { outcome }) => (outcome.keep ? ttl : 0),
      isError: (_result, { outcome }) => outcome.failed,
      refresh: renewShared,
      refreshDeadline: RENEWAL_LIMIT,
      key: ({ key }) => key,
      tag: this.#tag(name),
      codec: RESULT_JSON,
      store,
      onEvent: (event) => {
        this.#counter.count(event);
        if (event.type !== 'hit') reportResults(server, what, event);
      },
    });
  }

  #keyOf({ name, cache: { scope } }: CachedTool, { build }: OpenedStore): KeyOf {
    const keyOfCall = this.#parts.createResultKey({
      server: this.#info.name,
      build: `${this.#info.version} ${build}`,
      tool: name,
      version: this.#listed.get(name)?.digest ?? '',
      scope,
    });
    return (request, input) => {
      const { exchange, version: protocolVersion } = request;
      try {
        return keyOfCall({ caller: exchange.caller, protocolVersion, reads: whatIsHeard(request), arguments: input });
      } catch {
        return undefined;
      }
    };
  }
}

/** `undefined` where the arguments cannot be told apart as JSON. */
type KeyOf = (request: Incoming, input: unknown) => string | undefined;

/** A renewal ends by the tool's own deadline; no timer waits longer than this. */
const RENEWAL_LIMIT = 2 ** 31 - 1;

/** Results are JSON already. What comes from outside this process is not sent on before it has been read. */
const RESULT_JSON: ResultCache.ResultCodec<string> = {
  write: (result) => result,
  read: (text, source) => {
    if (source === 'near' || isFields(JSON.parse(text))) return text;
    throw new TypeError('it is no result');
  },
};

function reportResults({ onEvent }: McpServer, what: string, event: ResultCache.ResultCacheEvent): void {
  if (event.type === 'store-failed') onEvent?.({ type: 'result-store-down', error: event.error });
  if (event.type === 'unreadable') onEvent?.({ type: 'result-refused', what, reason: messageOf(event.error) });
  if (event.type !== 'refresh-failed') return;
  onEvent?.({ type: 'refresh-failed', what, ...('error' in event && { error: event.error }) });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Who wants to hear of progress or logs is not answered by a run that had nobody to tell. */
function whatIsHeard({ meta, logLevel }: Incoming): Readonly<Record<string, string | undefined>> | undefined {
  if (meta.progressToken === undefined && logLevel === undefined) return undefined;
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
