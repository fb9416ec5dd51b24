import type { Auth } from '../authoring/auth.ts';
import type {
  Connector,
  Prompt,
  PromptReturn,
  Resource,
  ResourceReturn,
  Tool,
  ToolReturn,
} from '../authoring/define.ts';
import { definitionInvalid } from '../errors.ts';
import type { Implementation, ServerOptionsManifest } from './manifest.ts';

/** A tool of any input and any connectors, as `defineTool` makes it. */
export type AnyTool = Omit<Tool, 'handler'> & {
  readonly handler: (input: never, context: never) => ToolReturn | Promise<ToolReturn>;
};
export type AnyResource = Omit<Resource, 'read'> & {
  readonly read: (
    request: { readonly uri: string; readonly variables: Readonly<Record<string, string>> },
    context: never,
  ) => ResourceReturn | Promise<ResourceReturn>;
};
export type AnyPrompt = Omit<Prompt, 'handler'> & {
  readonly handler: (input: never, context: never) => PromptReturn | Promise<PromptReturn>;
};

/** A whole server, written in code. In a record the key is the name of what does not name itself. */
export interface ServerDefinition {
  readonly info: Implementation;
  /** How to use the server, for the client's model. */
  readonly instructions?: string;
  readonly tools?: readonly AnyTool[] | Readonly<Record<string, AnyTool>>;
  readonly resources?: readonly AnyResource[] | Readonly<Record<string, AnyResource>>;
  readonly prompts?: readonly AnyPrompt[] | Readonly<Record<string, AnyPrompt>>;
  /** For tools that name their connectors. */
  readonly connectors?: Readonly<Record<string, Connector<unknown>>>;
  /** Who may call over HTTP; everybody, where it is absent. */
  readonly auth?: Auth;
  readonly options?: ServerOptionsManifest;
}

/** Definitions with their names, in bytewise order of the names. */
export function named<T extends { readonly name?: string }>(
  kind: string,
  definitions: readonly T[] | Readonly<Record<string, T>> | undefined,
): readonly (readonly [name: string, definition: T])[] {
  const pairs = Object.entries(definitions ?? {}).map(([key, definition]) => {
    const name = definition.name ?? (Array.isArray(definitions) ? undefined : key);
    if (name === undefined) throw definitionInvalid(`${kind} ${key}`, 'it has no name', 'Give it a "name".');
    return [name, definition] as const;
  });
  pairs.sort(([one], [other]) => (one < other ? -1 : 1));
  const twice = pairs.find(([name], index) => pairs[index + 1]?.[0] === name);
  if (twice !== undefined) throw definitionInvalid(`${kind} "${twice[0]}"`, 'two have this name');
  return pairs;
}
