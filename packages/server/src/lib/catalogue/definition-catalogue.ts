import { type Lazy, lazy } from '@mcpgen/server-runtime-perf/lazy';
import type { Cache, Schema, ToolCache } from '../authoring/define.ts';
import { definitionInvalid } from '../errors.ts';
import { authProblem } from '../http/parse-auth.ts';
import type { ToolResults } from '../kept-results/tool-results.ts';
import { isFields } from '../protocol/message.ts';
import { mirroredHeaders } from '../protocol/mirrored-headers.ts';
import type {
  Catalogue,
  ListKind,
  LoadedPrompt,
  LoadedTool,
  PromptEntry,
  ResourceEntry,
  ResourceMatch,
  ToolEntry,
  Traits,
} from './catalogue.ts';
import { type AnyPrompt, type AnyResource, type AnyTool, named, type ServerDefinition } from './definition.ts';
import { describePrompt, describeResource, describeTool, mirroredArguments } from './describe-definition.ts';
import { parseDuration } from './duration.ts';
import type { ServerOptionsManifest, ToolManifest, Validator } from './manifest.ts';
import { parsePrompt, parseResource, parseTool, toolHandler } from './module-exports.ts';
import { isStandardSchema, parseWith, validateWith } from './standard-parse.ts';
import { TemplateTable } from './template-table.ts';

/**
 * A catalogue over definitions in code. Described once, when it is made; schemas are compiled at the first call.
 * @param replaces whether it takes the place of another one in a running server.
 */
export function definitionCatalogue(definition: ServerDefinition, replaces = false): Catalogue {
  const tools = named('tool', definition.tools);
  const resources = named('resource', definition.resources);
  const prompts = named('prompt', definition.prompts);
  const fixed = new Map(
    resources.flatMap(([, resource]) => (resource.uri ? [resourceEntry(resource.uri, resource)] : [])),
  );
  const templates = new Map(
    resources.flatMap(([, resource]) => (resource.uriTemplate ? [resourceEntry(resource.uriTemplate, resource)] : [])),
  );
  checkResources(resources);
  checkAuth(definition);
  const table = new TemplateTable([...templates.keys()]);
  const lists = describeLists(tools, resources, prompts);
  const readList: Catalogue['readList'] = async (kind) => JSON.stringify([...lists[kind].values()]);
  const { info, auth } = definition;
  const results = lazy(async () => (await import('../rare-features.ts')).openToolResults({ info, readList }));
  return {
    info,
    ...(definition.instructions === undefined ? {} : { instructions: definition.instructions }),
    options: checkedOptions(definition),
    auth: auth && lazy(async () => auth),
    offers: {
      tools: tools.length > 0,
      resources: fixed.size > 0,
      resourceTemplates: templates.size > 0,
      prompts: prompts.length > 0,
    },
    traits: () => traitsOf(definition),
    toolNames: () => tools.map(([name]) => name),
    tool: lookUp(new Map(tools.map(([name, tool]) => [name, toolEntry(name, tool, { listed: lists.tools, results })]))),
    prompt: lookUp(new Map(prompts.map(([name, prompt]) => [name, promptEntry(name, prompt)]))),
    resource: (uri) => findResource(fixed, templates, table, uri),
    template: lookUp(templates),
    connector: lookUp(new Map(Object.entries(definition.connectors ?? {}).map(([name, it]) => [name, ready(it)]))),
    readList,
    build: lazy(async () => (replaces ? crypto.randomUUID() : info.version)).get,
    results,
    close: async () => results.peek()?.close(),
  };
}

/** @throws ServerError DEFINITION_INVALID */
function checkedOptions({ options = {} }: ServerDefinition): ServerOptionsManifest {
  const { deadline } = options;
  return deadline === undefined ? options : { ...options, deadline: parseDuration(deadline, 'the server') };
}

function findResource(
  fixed: ReadonlyMap<string, ResourceEntry>,
  templates: ReadonlyMap<string, ResourceEntry>,
  table: TemplateTable,
  uri: string,
): ResourceMatch | undefined {
  const entry = fixed.get(uri);
  if (entry !== undefined) return { entry, variables: {} };
  const match = table.match(uri);
  const template = match && templates.get(match.uriTemplate);
  return match && template && { entry: template, variables: match.variables };
}

type Lists = Readonly<Record<ListKind, ReadonlyMap<string, object>>>;
type Named<T> = readonly (readonly [name: string, definition: T])[];

function describeLists(tools: Named<AnyTool>, resources: Named<AnyResource>, prompts: Named<AnyPrompt>): Lists {
  const describe = <T>(entries: Named<T>, one: (name: string, definition: T) => object): ReadonlyMap<string, object> =>
    new Map(entries.map(([name, definition]) => [name, one(name, definition)]));
  return {
    tools: describe(tools, describeTool),
    resources: describe(
      resources.filter(([, { uri }]) => uri !== undefined),
      describeResource,
    ),
    resourceTemplates: describe(
      resources.filter(([, { uriTemplate }]) => uriTemplate !== undefined),
      describeResource,
    ),
    prompts: describe(prompts, describePrompt),
  };
}

function checkResources(resources: Named<AnyResource>): void {
  for (const [name, { uri, uriTemplate }] of resources) {
    if ((uri === undefined) === (uriTemplate === undefined)) {
      throw definitionInvalid(`resource "${name}"`, 'it needs one of "uri" and "uriTemplate"');
    }
  }
}

function checkAuth({ auth }: ServerDefinition): void {
  const problem = auth && authProblem(auth);
  if (problem !== undefined) throw definitionInvalid('auth', problem);
}

interface ToolSurroundings {
  readonly listed: ReadonlyMap<string, object>;
  readonly results: Lazy<ToolResults>;
}

function toolEntry(name: string, tool: AnyTool, { listed, results }: ToolSurroundings): ToolEntry {
  if (!/^[\w.-]{1,128}$/.test(name)) {
    throw definitionInvalid(`tool "${name}"`, 'its name has other characters than A-Z, a-z, 0-9, "_", "-" and "."');
  }
  if (tool.run === 'worker') {
    const hint = 'Build it with mcpgen, or run it in a worker of your own.';
    throw definitionInvalid(`tool "${name}"`, 'only built tools can run in a worker thread', hint);
  }
  const description = listed.get(name);
  const uses = tool.uses ?? [];
  const cache = readToolCache(tool.cache, `tool "${name}"`);
  return {
    name,
    deadline: tool.deadline === undefined ? undefined : parseDuration(tool.deadline, `tool "${name}"`),
    uses,
    headers: mirroredHeaders(mirroredArguments(description && 'inputSchema' in description && description.inputSchema)),
    loaded: lazy(async () => ({
      ...(await loadTool(name, tool)),
      answerFromCache: cache && (await results.get()).answersOf({ name, cache, uses }),
    })),
  };
}

async function loadTool(name: string, tool: AnyTool): Promise<Omit<LoadedTool, 'answerFromCache'>> {
  return {
    handler: toolHandler(parseTool(tool, `tool "${name}"`)),
    connectors: tool.connectors,
    structured: tool.output !== undefined,
    validate: tool.input === undefined ? dropArguments : await compilePlain(tool.input),
    validateOutput: validateWith(tool.output) ?? (await compilePlain(tool.output)),
    parse: parseWith(tool.input),
  };
}

/** Without an `input` no argument is expected, and one that comes anyway is dropped. */
function dropArguments(input: unknown): true {
  if (isFields(input)) for (const key of Object.keys(input)) Reflect.deleteProperty(input, key);
  return true;
}

/** Schemas of a library validate themselves; plain JSON Schema needs a compiler, which is loaded when there is some. */
async function compilePlain(schema: Schema | undefined): Promise<Validator | undefined> {
  if (schema === undefined || isStandardSchema(schema)) return undefined;
  const { schemaValidator } = await import('./schema-validator.ts');
  return schemaValidator(schema);
}

function promptEntry(name: string, prompt: AnyPrompt): PromptEntry {
  const loaded: LoadedPrompt = { prompt: parsePrompt(prompt, `prompt "${name}"`), validate: undefined };
  return { name, uses: prompt.uses ?? [], loaded: ready(loaded) };
}

function resourceEntry(key: string, resource: AnyResource): [string, ResourceEntry] {
  const what = `resource "${key}"`;
  return [
    key,
    {
      key,
      subscribe: resource.watch !== undefined,
      cache: readCache(resource.cache, what),
      loaded: ready(parseResource(resource, what)),
    },
  ];
}

function readCache(cache: Cache | undefined, what: string): ResourceEntry['cache'] {
  return cache && { ttl: parseDuration(cache.ttl, what), scope: cache.scope ?? 'user' };
}

function readToolCache(cache: ToolCache | undefined, what: string): ToolManifest['cache'] {
  const plain = readCache(cache, what);
  const spans = (['staleWhileRevalidate', 'staleIfError', 'negativeTtl'] as const).flatMap((field) => {
    const span = cache?.[field];
    return span === undefined ? [] : [[field, parseDuration(span, `${what}, cache.${field}`)] as const];
  });
  return plain && { ...plain, ...Object.fromEntries(spans) };
}

function traitsOf(definition: ServerDefinition): Traits {
  const resources = Object.values(definition.resources ?? {});
  const prompts = Object.values(definition.prompts ?? {});
  return {
    completes:
      resources.some(({ complete }) => complete !== undefined) ||
      prompts.some((prompt) => Object.values(prompt.arguments ?? {}).some(({ complete }) => complete !== undefined)),
    subscribes: resources.some(({ watch }) => watch !== undefined),
    asks: [...Object.values(definition.tools ?? {}), ...prompts].some(({ uses = [] }) => uses.length > 0),
  };
}

function lookUp<T>(entries: ReadonlyMap<string, T>): (name: string) => T | undefined {
  return (name) => entries.get(name);
}

function ready<T>(value: T): Lazy<T> {
  return { get: async () => value, peek: () => value };
}
