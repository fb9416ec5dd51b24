import type { Description, PromptDescription, ResourceDescription, ToolDescription } from './description.ts';
import { connectorMissing, nameTaken, toolMissing } from './errors.ts';
import { nearest } from './name.ts';

/** One described source and where the build put what belongs to it. Paths are relative to the server, with `/`. */
export interface ServerPart {
  /** The source: `tools/echo.ts`. */
  readonly file: string;
  readonly description: Description;
  /** `./modules/tools/echo.js` */
  readonly module: string;
  /** Where the compiled `validation` lies, when there is one. */
  readonly validator?: string | undefined;
  readonly outputValidator?: string | undefined;
}

export interface RenderRequest {
  /** `Implementation` of the protocol: `name`, `version`, `title`, ... */
  readonly info: { readonly name: string; readonly version: string; readonly [key: string]: unknown };
  readonly instructions?: string | undefined;
  readonly parts: readonly ServerPart[];
  /** `ServerOptionsManifest` of @mcpgen/server. */
  readonly options?:
    | { readonly warmUp?: readonly string[] | true; readonly resultCache?: { readonly store?: string } }
    | undefined;
}

/** `path` is relative to the server, with `/`. */
export interface RenderedFile {
  readonly path: string;
  readonly contents: string;
}

const MAIN = `import { main } from './runtime/main.js';

main({ directory: new URL('./', import.meta.url) });
`;

/**
 * Writes down what a server consists of: its manifest, the ready bytes of its lists, its entry. The order of `parts`
 * does not matter: everything is sorted bytewise.
 *
 * @throws GeneratorError when two parts claim one name or URI, or a connector or tool is named that does not exist.
 */
export function renderServer(request: RenderRequest): RenderedFile[] {
  const parts = [...request.parts].sort((a, b) => bytewise(a.file, b.file));
  const tools = sortParts(partsOf(parts, 'tool'), 'tool', ({ name }) => name);
  const prompts = sortParts(partsOf(parts, 'prompt'), 'prompt', ({ name }) => name);
  const all = partsOf(parts, 'resource');
  const fixed = all.filter(({ description }) => description.listing.uri !== undefined);
  const templated = all.filter(({ description }) => description.listing.uri === undefined);
  const resources = sortParts(fixed, 'resource URI', addressOf);
  const resourceTemplates = sortParts(templated, 'resource URI template', addressOf);
  const connectors = sortParts(partsOf(parts, 'connector'), 'connector', ({ name }) => name);
  checkConnectors(
    request,
    connectors.map(([name]) => name),
  );
  checkWarmUp(
    request.options?.warmUp,
    tools.map(([name]) => name),
  );
  const [auth] = partsOf(parts, 'auth');
  const lists = { tools, resources, resourceTemplates, prompts };
  const used = Object.entries(lists).filter(([, entries]) => entries.length > 0);
  const manifest = {
    format: 1,
    info: request.info,
    ...(request.instructions === undefined ? {} : { instructions: request.instructions }),
    tools: table(tools, toolManifest),
    resources: table(resources, resourceManifest),
    resourceTemplates: table(resourceTemplates, resourceManifest),
    prompts: table(prompts, promptManifest),
    connectors: table(connectors, ({ module }) => ({ module })),
    ...(auth === undefined ? {} : { auth: { module: auth.module } }),
    lists: Object.fromEntries(used.map(([list]) => [list, `./lists/${list}.json`])),
    options: request.options ?? {},
  };
  return [
    ...used.map(([list, entries]) => ({
      path: `lists/${list}.json`,
      contents: JSON.stringify(
        entries.map(([, { description }]) => ('listing' in description ? description.listing : {})),
      ),
    })),
    { path: 'main.js', contents: MAIN },
    { path: 'manifest.json', contents: `${JSON.stringify(manifest, null, 2)}\n` },
    { path: 'package.json', contents: `${JSON.stringify({ type: 'module' })}\n` },
  ];
}

interface Part<D extends Description> extends ServerPart {
  readonly description: D;
}

function partsOf<K extends Description['kind']>(
  parts: readonly ServerPart[],
  kind: K,
): Part<Extract<Description, { kind: K }>>[] {
  return parts.filter((part): part is Part<Extract<Description, { kind: K }>> => part.description.kind === kind);
}

function addressOf({ listing }: ResourceDescription): string {
  return listing.uri ?? listing.uriTemplate ?? '';
}

/** Sorted by what they are known by, each once. */
function sortParts<D extends Description>(
  parts: readonly Part<D>[],
  what: string,
  keyOf: (description: D) => string,
): (readonly [key: string, part: Part<D>])[] {
  const byKey = new Map<string, Part<D>>();
  for (const part of parts) {
    const key = keyOf(part.description);
    const other = byKey.get(key);
    if (other !== undefined) throw nameTaken(what, key, [other.file, part.file]);
    byKey.set(key, part);
  }
  return [...byKey].sort(([a], [b]) => bytewise(a, b));
}

function checkConnectors({ parts, options }: RenderRequest, known: readonly string[]): void {
  const store = options?.resultCache?.store;
  if (store !== undefined && !known.includes(store)) {
    const user = 'The configuration (server.resultCache.store)';
    throw connectorMissing(user, store, undefined, known, nearest(store, known));
  }
  for (const { file, description } of parts) {
    if (!('connectors' in description)) continue;
    const missing = description.connectors.find((name) => !known.includes(name));
    if (missing === undefined) continue;
    const kind = `${description.kind.charAt(0).toUpperCase()}${description.kind.slice(1)}`;
    throw connectorMissing(`${kind} "${description.name}"`, missing, file, known, nearest(missing, known));
  }
}

function checkWarmUp(wanted: readonly string[] | true = [], known: readonly string[]): void {
  const missing = wanted === true ? undefined : wanted.find((name) => !known.includes(name));
  if (missing !== undefined) throw toolMissing(missing, known, nearest(missing, known));
}

/** JSON with these keys in this order; a null prototype, so that no key is taken for something else. */
function table<D extends Description>(
  entries: readonly (readonly [string, Part<D>])[],
  manifestOf: (part: Part<D>) => object,
): object {
  const record: Record<string, object> = Object.create(null);
  for (const [key, part] of entries) record[key] = manifestOf(part);
  return record;
}

function toolManifest({ module, validator, outputValidator, description }: Part<ToolDescription>): object {
  const { parse, connectors, deadline, run, uses, headers, cache } = description;
  return {
    module,
    validator,
    outputValidator,
    parse: parse || undefined,
    connectors: filled(connectors),
    deadline,
    run: run === 'worker' ? run : undefined,
    uses: filled(uses),
    headers,
    cache,
  };
}

function resourceManifest({ module, description }: Part<ResourceDescription>): object {
  const { connectors, subscribe, complete, cache } = description;
  return {
    module,
    connectors: filled(connectors),
    subscribe: subscribe || undefined,
    complete: complete || undefined,
    cache,
  };
}

function promptManifest({ module, validator, description }: Part<PromptDescription>): object {
  const { connectors, complete, uses } = description;
  return { module, validator, connectors: filled(connectors), complete: complete || undefined, uses: filled(uses) };
}

function filled<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

function bytewise(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
