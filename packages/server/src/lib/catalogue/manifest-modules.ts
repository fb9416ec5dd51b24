import { lazy } from '@mcpgen/server-runtime-perf/lazy';
import type { Auth } from '../authoring/auth.ts';
import type { Connector, Resource } from '../authoring/define.ts';
import type { WorkerTools } from '../calls/worker-tools.ts';
import type { ToolResults } from '../kept-results/tool-results.ts';
import { boundPatterns } from './bound-patterns.ts';
import type { AnswerFromCache, ListKind, LoadedPrompt, LoadedTool } from './catalogue.ts';
import type { PromptManifest, ServerManifest, ToolManifest, Validator } from './manifest.ts';
import {
  importDefault,
  parseConnector,
  parsePrompt,
  parseResource,
  parseTool,
  parseValidator,
  toolHandler,
} from './module-exports.ts';
import { readBeside } from './read-manifest.ts';
import { parseWith } from './standard-parse.ts';

export interface ManifestCatalogueOptions {
  /** The specifier to import for a path of the manifest; the default resolves it against the directory. */
  readonly resolveModule?: ((path: string) => string) | undefined;
}

/** Loads the modules that a manifest names, each when it is first needed. */
export class ManifestModules {
  readonly #manifest: ServerManifest;
  readonly #directory: URL;
  readonly #resolveModule: ((path: string) => string) | undefined;
  /** How often a module could not be loaded. */
  readonly #failures = new Map<string, number>();
  readonly #workers = lazy<WorkerTools>(async () => new (await import('../rare-features.ts')).WorkerTools());

  readonly #build = lazy(async () => {
    // Modules that a resolver takes from elsewhere are those of somebody who still writes them.
    if (this.#resolveModule !== undefined) return crypto.randomUUID();
    return (await import('../rare-features.ts')).digestServer(this.#directory);
  });

  readonly results = lazy<ToolResults>(async () => {
    const { openToolResults } = await import('../rare-features.ts');
    return openToolResults({ info: this.#manifest.info, readList: (kind) => this.readList(kind) });
  });

  constructor(manifest: ServerManifest, directory: URL, { resolveModule }: ManifestCatalogueOptions) {
    this.#manifest = manifest;
    this.#directory = directory;
    this.#resolveModule = resolveModule;
  }

  async tool(name: string, entry: ToolManifest): Promise<LoadedTool> {
    const [run, validate, validateOutput, answerFromCache] = await Promise.all([
      entry.run === 'worker' ? this.#workerTool(entry) : this.#ownTool(entry),
      this.#validator(entry.validator),
      this.#validator(entry.outputValidator),
      this.#fromCache(name, entry),
    ]);
    return { ...run, validate, validateOutput, answerFromCache };
  }

  async prompt(entry: PromptManifest): Promise<LoadedPrompt> {
    const [prompt, validate] = await Promise.all([this.#load(entry.module), this.#validator(entry.validator)]);
    return { prompt: parsePrompt(prompt, entry.module), validate };
  }

  async resource(path: string): Promise<Resource> {
    return parseResource(await this.#load(path), path);
  }

  async connector(path: string): Promise<Connector<unknown>> {
    return parseConnector(await this.#load(path), path);
  }

  async auth(path: string): Promise<Auth> {
    const [{ parseAuth }, auth] = await Promise.all([import('../rare-features.ts'), this.#load(path)]);
    return parseAuth(auth, path);
  }

  /** One list: a JSON array of protocol objects. */
  async readList(kind: ListKind): Promise<string | Buffer> {
    const path = this.#manifest.lists[kind];
    return path === undefined ? '[]' : readBeside(path, this.#directory);
  }

  /** A digest of all that `mcpgen build` wrote. */
  build(): Promise<string> {
    return this.#build.get();
  }

  async close(): Promise<void> {
    this.results.peek()?.close();
    await this.#workers.peek()?.close();
  }

  async #ownTool(entry: ToolManifest): Promise<ToolParts> {
    const tool = parseTool(await this.#load(entry.module), entry.module);
    return {
      handler: toolHandler(tool),
      connectors: tool.connectors,
      structured: tool.output !== undefined,
      parse: entry.parse === true ? parseWith(tool.input) : undefined,
    };
  }

  /** The module itself is loaded in the worker alone, with its connectors and its schema. */
  async #workerTool(entry: ToolManifest): Promise<ToolParts> {
    const workers = await this.#workers.get();
    const connectors = Object.entries(this.#manifest.connectors).map(([name, { module }]) => [name, this.#url(module)]);
    const handler = workers.handler({
      module: this.#url(entry.module),
      connectors: Object.fromEntries(connectors),
      parse: entry.parse === true,
    });
    return { handler, connectors: undefined, structured: entry.outputValidator !== undefined, parse: undefined };
  }

  async #fromCache(name: string, { cache, uses = [] }: ToolManifest): Promise<AnswerFromCache | undefined> {
    return cache && (await this.results.get()).answersOf({ name, cache, uses });
  }

  async #validator(path: string | undefined): Promise<Validator | undefined> {
    if (path === undefined) return undefined;
    boundPatterns();
    return parseValidator(await this.#load(path), path);
  }

  async #load(path: string): Promise<unknown> {
    const failures = this.#failures.get(path) ?? 0;
    try {
      return await importDefault(unlikeFailed(this.#url(path), failures), path);
    } catch (error) {
      this.#failures.set(path, failures + 1);
      throw error;
    }
  }

  #url(path: string): string {
    return this.#resolveModule?.(path) ?? new URL(path, this.#directory).href;
  }
}

/** So many failures are each followed by another try. */
const EAGER_TRIES = 16;

/**
 * A module that threw stays failed for Node by its URL: under another one it is tried again. Node never forgets a URL, so
 * a module that goes on failing is tried less and less often.
 */
function unlikeFailed(url: string, failures: number): string {
  if (failures === 0) return url;
  const tries = failures <= EAGER_TRIES ? failures : 2 ** Math.floor(Math.log2(failures));
  return `${url}${url.includes('?') ? '&' : '?'}try=${tries + 1}`;
}

type ToolParts = Pick<LoadedTool, 'handler' | 'connectors' | 'structured' | 'parse'>;
