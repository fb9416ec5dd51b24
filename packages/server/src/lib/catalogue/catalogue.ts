import type { Lazy } from '@mcpgen/server-runtime-perf/lazy';
import type { Auth } from '../authoring/auth.ts';
import type { Connector, ConnectorsOption, Prompt, Resource } from '../authoring/define.ts';
import type { Call } from '../calls/call.ts';
import type { KeptResults } from '../kept-results/kept-results.ts';
import type { Answer } from '../protocol/answer.ts';
import type { Incoming } from '../protocol/incoming.ts';
import type { ClientFeature, Implementation, ServerOptionsManifest, Validator } from './manifest.ts';

export type ListKind = 'tools' | 'resources' | 'resourceTemplates' | 'prompts';

/** Everything a server offers, each part loaded when first needed. Names come from clients, so look-ups never walk a prototype. */
export interface Catalogue {
  readonly info: Implementation;
  readonly instructions?: string;
  readonly options: ServerOptionsManifest;
  /** Who may call over HTTP; everybody, where it is absent. */
  readonly auth?: Lazy<Auth> | undefined;
  /** Which lists are there at all: a capability each. */
  readonly offers: Readonly<Record<ListKind, boolean>>;
  traits(): Traits;
  tool(name: string): ToolEntry | undefined;
  toolNames(): readonly string[];
  prompt(name: string): PromptEntry | undefined;
  /** The resource at a URI, or the first template that matches it. */
  resource(uri: string): ResourceMatch | undefined;
  template(uriTemplate: string): ResourceEntry | undefined;
  connector(name: string): Lazy<Connector<unknown>> | undefined;
  /** One list: a JSON array of protocol objects, as text or as the bytes of a file. */
  readList(kind: ListKind): Promise<string | Buffer>;
  /** Names this very code and these definitions, for results that processes share: equal only where both are. */
  build(): Promise<string>;
  /** The results of its tools. */
  readonly results: Lazy<KeptResults>;
  /** Gives back what it holds open, once what runs has ended. */
  close(): Promise<void>;
}

/** What has to be looked for among all entries, so it is found on first use. */
export interface Traits {
  readonly completes: boolean;
  readonly subscribes: boolean;
  /** A tool or prompt asks its client for something: the 2025 era needs a session for that. */
  readonly asks: boolean;
}

export interface ToolEntry {
  readonly name: string;
  /** Milliseconds; absent where the tool says nothing. */
  readonly deadline: number | undefined;
  readonly uses: readonly ClientFeature[];
  /** Header name in lower case without `mcp-param-`, and the path of the argument it mirrors. */
  readonly headers: readonly MirroredHeader[];
  readonly loaded: Lazy<LoadedTool>;
}

export interface MirroredHeader {
  readonly header: string;
  readonly path: readonly string[];
}

export type ToolHandler = (input: unknown, call: Call) => unknown;

export interface LoadedTool {
  readonly handler: ToolHandler;
  readonly connectors: ConnectorsOption | undefined;
  /** It has an output schema, so its results are sent as `structuredContent` too. */
  readonly structured: boolean;
  readonly validate: Validator | undefined;
  readonly validateOutput: Validator | undefined;
  /** Runs the schema's own `validate` after the compiled one. */
  readonly parse: Parse | undefined;
  /** Answers from the results of earlier calls, where the tool has a `cache`. */
  readonly answerFromCache: AnswerFromCache | undefined;
}

/** One call of a tool that is loaded. */
export interface ToolCall {
  readonly request: Incoming;
  readonly entry: ToolEntry;
  readonly loaded: LoadedTool;
  /** Its open connectors. */
  readonly clients: Readonly<Record<string, unknown>>;
}

/**
 * @param input what the handler would get: validated, with defaults.
 * @param runAlone answers a call whose result nobody else may have.
 */
export type AnswerFromCache = (
  call: ToolCall,
  input: unknown,
  runAlone: (call: ToolCall, input: unknown) => Answer | Promise<Answer>,
) => Answer | Promise<Answer>;

export type Parse = (input: unknown) => ParseResult | Promise<ParseResult>;
export type ParseResult =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: ReadonlyArray<{ readonly path: string; readonly message: string }> };

export interface ResourceEntry {
  readonly key: string;
  readonly subscribe: boolean;
  readonly cache: { readonly ttl: number; readonly scope: 'public' | 'user' } | undefined;
  readonly loaded: Lazy<Resource>;
}

export interface ResourceMatch {
  readonly entry: ResourceEntry;
  readonly variables: Readonly<Record<string, string>>;
}

export interface PromptEntry {
  readonly name: string;
  readonly uses: readonly ClientFeature[];
  readonly loaded: Lazy<LoadedPrompt>;
}

export interface LoadedPrompt {
  readonly prompt: Prompt;
  readonly validate: Validator | undefined;
}
