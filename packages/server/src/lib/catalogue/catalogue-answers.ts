import { type Lazy, lazy } from '@mcpgen/server-runtime-perf/lazy';
import type { JsonObject } from '../protocol/json.ts';
import { DEFAULT_LIST_TTL, MODERN_VERSIONS, SERVER_INFO_KEY } from '../protocol/protocol.ts';
import type { Catalogue, ListKind } from './catalogue.ts';
import { type ListPages, ReadyResult } from './ready-result.ts';

/** The parts of answers that a catalogue alone decides, made once. */
export class CatalogueAnswers {
  readonly #catalogue: Catalogue;
  /** `resultType`, `_meta` and the closing brace: the end of each result of revision 2026-07-28. */
  readonly tail: string;
  readonly #lists = new Map<string, Lazy<ListPages>>();
  #discover: ReadyResult | undefined;

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
    this.tail = `,"resultType":"complete","_meta":${JSON.stringify({ [SERVER_INFO_KEY]: catalogue.info })}}`;
  }

  /** Fields that say how long a client may keep a list, as the beginning of a tail. */
  get cacheHints(): string {
    const { listTtl = DEFAULT_LIST_TTL, listScope = 'public' } = this.#catalogue.options;
    return `,"ttlMs":${listTtl},"cacheScope":"${listScope}"`;
  }

  get discover(): ReadyResult {
    const { instructions } = this.#catalogue;
    this.#discover ??= new ReadyResult(
      `{"supportedVersions":${JSON.stringify(MODERN_VERSIONS)},"capabilities":${JSON.stringify(this.capabilities())}` +
        (instructions === undefined ? '' : `,"instructions":${JSON.stringify(instructions)}`) +
        this.cacheHints +
        this.tail,
    );
    return this.#discover;
  }

  capabilities(): JsonObject {
    const { offers, traits } = this.#catalogue;
    const { completes, subscribes } = traits();
    return {
      logging: {},
      ...(completes ? { completions: {} } : {}),
      ...(offers.tools ? { tools: { listChanged: true } } : {}),
      ...(offers.prompts ? { prompts: { listChanged: true } } : {}),
      ...(offers.resources || offers.resourceTemplates
        ? { resources: { listChanged: true, ...(subscribes ? { subscribe: true } : {}) } }
        : {}),
    };
  }

  list(kind: ListKind, modern: boolean): Lazy<ListPages> {
    const key = `${kind} ${modern}`;
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    const pages = lazy(() => this.#pages(kind, modern));
    this.#lists.set(key, pages);
    return pages;
  }

  async #pages(kind: ListKind, modern: boolean): Promise<ListPages> {
    const list = await this.#catalogue.readList(kind);
    const tail = modern ? this.cacheHints + this.tail : '}';
    const { pageSize } = this.#catalogue.options;
    if (modern && pageSize === undefined) return new Map([[undefined, new ReadyResult(`{"${kind}":`, list, tail)]]);
    const { listPages } = await import('../rare-features.ts');
    return listPages(list.toString(), { kind, tail, pageSize, modern });
  }
}
