import { lazy } from '@mcpgen/server-runtime-perf/lazy';
import { mirroredHeaders } from '../protocol/mirrored-headers.ts';
import type { Catalogue, PromptEntry, ResourceEntry, ResourceMatch, ToolEntry, Traits } from './catalogue.ts';
import type { PromptManifest, ResourceManifest, ServerManifest, ToolManifest } from './manifest.ts';
import { type ManifestCatalogueOptions, ManifestModules } from './manifest-modules.ts';
import { TemplateTable } from './template-table.ts';

/** A catalogue over a built server's directory. Entries are made on first use, so 1,000 tools start as fast as one. */
export function manifestCatalogue(
  manifest: ServerManifest,
  directory: URL,
  options: ManifestCatalogueOptions = {},
): Catalogue {
  const modules = new ManifestModules(manifest, directory, options);
  const { tools, prompts, connectors, auth } = manifest;
  return {
    info: manifest.info,
    ...(manifest.instructions === undefined ? {} : { instructions: manifest.instructions }),
    options: manifest.options,
    auth: auth && lazy(() => modules.auth(auth.module)),
    offers: {
      tools: hasEntries(tools),
      resources: hasEntries(manifest.resources),
      resourceTemplates: hasEntries(manifest.resourceTemplates),
      prompts: hasEntries(prompts),
    },
    traits: lazyValue(() => traitsOf(manifest)),
    toolNames: () => Object.keys(tools),
    tool: entryTable(tools, (name, entry) => toolEntry(name, entry, modules)),
    prompt: entryTable(prompts, (name, entry) => promptEntry(name, entry, modules)),
    ...resourceLookUps(manifest, modules),
    connector: entryTable(connectors, (_name, { module }) => lazy(() => modules.connector(module))),
    readList: (kind) => modules.readList(kind),
    build: () => modules.build(),
    results: modules.results,
    close: () => modules.close(),
  };
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

function toolEntry(name: string, entry: ToolManifest, modules: ManifestModules): ToolEntry {
  return {
    name,
    deadline: entry.deadline,
    uses: entry.uses ?? [],
    headers: mirroredHeaders(entry.headers),
    loaded: lazy(() => modules.tool(name, entry)),
  };
}

function promptEntry(name: string, entry: PromptManifest, modules: ManifestModules): PromptEntry {
  return { name, uses: entry.uses ?? [], loaded: lazy(() => modules.prompt(entry)) };
}

function resourceEntry(key: string, entry: ResourceManifest, modules: ManifestModules): ResourceEntry {
  const { subscribe = false, cache, module } = entry;
  return { key, subscribe, cache, loaded: lazy(() => modules.resource(module)) };
}

function resourceLookUps(
  { resources, resourceTemplates }: ServerManifest,
  modules: ManifestModules,
): Pick<Catalogue, 'resource' | 'template'> {
  const fixed = entryTable(resources, (key, entry) => resourceEntry(key, entry, modules));
  const template = entryTable(resourceTemplates, (key, entry) => resourceEntry(key, entry, modules));
  const table = lazyValue(() => new TemplateTable(Object.keys(resourceTemplates)));
  const resource = (uri: string): ResourceMatch | undefined => {
    const entry = fixed(uri);
    if (entry !== undefined) return { entry, variables: {} };
    const match = table().match(uri);
    const matched = match && template(match.uriTemplate);
    return match && matched && { entry: matched, variables: match.variables };
  };
  return { resource, template };
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
