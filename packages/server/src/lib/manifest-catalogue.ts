import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { lazy } from '@mcpgen/server-runtime-perf';
import type {
  Catalogue,
  ListKind,
  LoadedPrompt,
  LoadedTool,
  MirroredHeader,
  PromptEntry,
  ResourceEntry,
  ResourceMatch,
  ToolEntry,
  Traits,
} from './catalogue.ts';
import type { Connector } from './define.ts';
import { manifestInvalid, manifestUnreadable } from './errors.ts';
import type { PromptManifest, ResourceManifest, ServerManifest, ToolManifest, Validator } from './manifest.ts';
import {
  importDefault,
  parseConnector,
  parsePrompt,
  parseResource,
  parseTool,
  parseValidator,
} from './module-exports.ts';
import { parseWith } from './standard-parse.ts';
import { TemplateTable } from './template-table.ts';

export interface ManifestCatalogueOptions {
  /** The specifier to import for a path of the manifest; the default resolves it against the directory. */
  readonly resolveModule?: ((path: string) => string) | undefined;
}

/** Reads `manifest.json`. Nothing else is read until a request needs it. */
export function readManifest(directory: URL): ServerManifest {
  const location = new URL('manifest.json', directory);
  let text: string;
  try {
    text = readFileSync(location, 'utf8');
  } catch (cause) {
    throw manifestUnreadable(location.pathname, cause);
  }
  return parseManifest(text, location.pathname);
}

function parseManifest(text: string, location: string): ServerManifest {
  let value: ServerManifest;
  try {
    value = JSON.parse(text) as ServerManifest;
  } catch (cause) {
    throw manifestUnreadable(location, cause);
  }
  if (value?.format !== 1) throw manifestInvalid(location, `its format is ${String(value?.format)}, expected 1`);
  return value;
}

/** A catalogue over a built server's directory. Entries are made on first use, so 1,000 tools start as fast as one. */
export function manifestCatalogue(
  manifest: ServerManifest,
  directory: URL,
  options: ManifestCatalogueOptions = {},
): Catalogue {
  const load = moduleLoader(directory, options);
  const resources = entryTable(manifest.resources, (key, entry) => resourceEntry(key, entry, load));
  const templates = entryTable(manifest.resourceTemplates, (key, entry) => resourceEntry(key, entry, load));
  const templateTable = lazyValue(() => new TemplateTable(Object.keys(manifest.resourceTemplates)));
  const find = (uri: string): ResourceMatch | undefined => {
    const fixed = resources(uri);
    if (fixed !== undefined) return { entry: fixed, variables: {} };
    const match = templateTable().match(uri);
    const entry = match === undefined ? undefined : templates(match.uriTemplate);
    return match === undefined || entry === undefined ? undefined : { entry, variables: match.variables };
  };
  const connectors = entryTable(manifest.connectors, (_name, { module }) =>
    lazy<Connector<unknown>>(async () => parseConnector(await load(module), module)),
  );
  return {
    info: manifest.info,
    ...(manifest.instructions === undefined ? {} : { instructions: manifest.instructions }),
    options: manifest.options,
    offers: {
      tools: hasEntries(manifest.tools),
      resources: hasEntries(manifest.resources),
      resourceTemplates: hasEntries(manifest.resourceTemplates),
      prompts: hasEntries(manifest.prompts),
    },
    traits: lazyValue(() => traitsOf(manifest)),
    tool: entryTable(manifest.tools, (name, entry) => toolEntry(name, entry, load)),
    prompt: entryTable(manifest.prompts, (name, entry) => promptEntry(name, entry, load)),
    resource: find,
    template: templates,
    connector: connectors,
    readList: (kind) => readList(manifest, directory, kind),
  };
}

type Load = (path: string) => Promise<unknown>;

function moduleLoader(directory: URL, { resolveModule }: ManifestCatalogueOptions): Load {
  return (path) => importDefault(resolveModule?.(path) ?? new URL(path, directory).href, path);
}

/** Makes an entry when it is first asked for. `Object.hasOwn` keeps `constructor` and its like out. */
function entryTable<Source, Entry>(
  sources: Readonly<Record<string, Source>>,
  make: (name: string, source: Source) => Entry,
): (name: string) => Entry | undefined {
  const entries = new Map<string, Entry>();
  return (name) => {
    const known = entries.get(name);
    if (known !== undefined) return known;
    const source = Object.hasOwn(sources, name) ? sources[name] : undefined;
    if (source === undefined) return undefined;
    const entry = make(name, source);
    entries.set(name, entry);
    return entry;
  };
}

function toolEntry(name: string, entry: ToolManifest, load: Load): ToolEntry {
  return {
    name,
    deadline: entry.deadline,
    uses: entry.uses ?? [],
    headers: mirroredHeaders(entry.headers),
    worker: entry.run === 'worker' ? { module: entry.module } : undefined,
    loaded: lazy(() => loadTool(entry, load)),
  };
}

async function loadTool(entry: ToolManifest, load: Load): Promise<LoadedTool> {
  const [tool, validate, validateOutput] = await Promise.all([
    load(entry.module).then((value) => parseTool(value, entry.module)),
    loadValidator(entry.validator, load),
    loadValidator(entry.outputValidator, load),
  ]);
  return { tool, validate, validateOutput, parse: entry.parse ? parseWith(tool.input) : undefined };
}

async function loadValidator(path: string | undefined, load: Load): Promise<Validator | undefined> {
  return path === undefined ? undefined : parseValidator(await load(path), path);
}

function promptEntry(name: string, entry: PromptManifest, load: Load): PromptEntry {
  const loaded = lazy<LoadedPrompt>(async () => ({
    prompt: parsePrompt(await load(entry.module), entry.module),
    validate: await loadValidator(entry.validator, load),
  }));
  return { name, uses: entry.uses ?? [], loaded };
}

function resourceEntry(key: string, entry: ResourceManifest, load: Load): ResourceEntry {
  return {
    key,
    subscribe: entry.subscribe === true,
    cache: entry.cache,
    loaded: lazy(async () => parseResource(await load(entry.module), entry.module)),
  };
}

/** `{ "/region": "Region" }` and `{ "region": "Region" }` both name `arguments.region`. */
export function mirroredHeaders(headers: Readonly<Record<string, string>> | undefined): readonly MirroredHeader[] {
  return Object.entries(headers ?? {}).map(([path, header]) => ({
    header: `mcp-param-${header.toLowerCase()}`,
    path: path.startsWith('/') ? path.slice(1).split('/').map(unescapePointer) : [path],
  }));
}

function unescapePointer(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}

function traitsOf({ tools, prompts, resources, resourceTemplates }: ServerManifest): Traits {
  const readable = [...Object.values(resources), ...Object.values(resourceTemplates)];
  const callable = [...Object.values(tools), ...Object.values(prompts)];
  return {
    completes: readable.some((entry) => entry.complete) || Object.values(prompts).some((entry) => entry.complete),
    subscribes: readable.some((entry) => entry.subscribe),
    asks: callable.some((entry) => entry.uses !== undefined && entry.uses.length > 0),
  };
}

async function readList(manifest: ServerManifest, directory: URL, kind: ListKind): Promise<string> {
  const path = manifest.lists[kind];
  if (path === undefined) return '[]';
  const location = new URL(path, directory);
  try {
    return await readFile(location, 'utf8');
  } catch (cause) {
    throw manifestUnreadable(location.pathname, cause);
  }
}

function hasEntries(table: object): boolean {
  for (const _ in table) return true;
  return false;
}

function lazyValue<T>(make: () => T): () => T {
  let value: { readonly made: T } | undefined;
  return () => {
    value ??= { made: make() };
    return value.made;
  };
}
