import type { Description, JsonSchema } from '../description.ts';

/** What clients of a server can rely on: what its lists show, by what callers know each thing by. JSON. */
export interface ServerApi {
  /** Of the server that this is the API of. */
  readonly version: string;
  /** By name. */
  readonly tools: Readonly<Record<string, ApiEntry>>;
  /** By name. */
  readonly prompts: Readonly<Record<string, ApiEntry>>;
  /** By URI. */
  readonly resources: Readonly<Record<string, ApiEntry>>;
  /** By URI template. */
  readonly resourceTemplates: Readonly<Record<string, ApiEntry>>;
}

/** One entry of a list, without what it is known by and without icons and `_meta`, which no call depends on. */
export type ApiEntry = JsonSchema;

export type ApiKind = 'tool' | 'prompt' | 'resource' | 'resource template';

/** The lists of a server, as its clients see them. */
export interface ServerLists {
  readonly tools?: readonly JsonSchema[];
  readonly prompts?: readonly JsonSchema[];
  readonly resources?: readonly JsonSchema[];
  readonly resourceTemplates?: readonly JsonSchema[];
}

/** The API of a server whose sources are described so. */
export function describeApi(version: string, descriptions: readonly Description[]): ServerApi {
  const of = (kind: Description['kind']): readonly JsonSchema[] =>
    descriptions.flatMap((found) => (found.kind === kind && 'listing' in found ? [found.listing] : []));
  const resources = of('resource');
  return listedApi(version, {
    tools: of('tool'),
    prompts: of('prompt'),
    resources: resources.filter(({ uri }) => uri !== undefined),
    resourceTemplates: resources.filter(({ uriTemplate }) => uriTemplate !== undefined),
  });
}

/** The API of a server with these lists. */
export function listedApi(version: string, lists: ServerLists): ServerApi {
  return {
    version,
    tools: byKey(lists.tools, 'name'),
    prompts: byKey(lists.prompts, 'name'),
    resources: byKey(lists.resources, 'uri'),
    resourceTemplates: byKey(lists.resourceTemplates, 'uriTemplate'),
  };
}

function byKey(listings: readonly JsonSchema[] = [], key: string): Readonly<Record<string, ApiEntry>> {
  const entries = listings.map((listing): readonly [string, ApiEntry] => {
    const { [key]: name, icons: _, _meta: __, ...rest } = listing;
    return [String(name), rest];
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
