import type { ClientFeature } from '../catalogue/manifest.ts';
import type { JsonObject, JsonValue } from '../protocol/json.ts';

/** A JSON Schema 2020-12 document, written by hand. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** The part of Standard Schema that mcpgen uses (standardschema.dev): zod 4, valibot, arktype and others implement it. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    readonly jsonSchema?: {
      readonly input: (options: { readonly target: string }) => Record<string, unknown>;
      readonly output: (options: { readonly target: string }) => Record<string, unknown>;
    };
  };
}

export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | {
      readonly issues: ReadonlyArray<{
        readonly message: string;
        readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined;
      }>;
    };

export type Schema = StandardSchema | JsonSchema;

/** What a handler receives for a schema: its output type where the schema carries one. */
export type InferOutput<S> =
  S extends StandardSchema<unknown, infer Output> ? Output : S extends undefined ? Record<string, never> : JsonObject;
/** What a handler must return for an output schema. */
export type InferInput<S> = S extends StandardSchema<infer Input, unknown> ? Input : JsonObject;

/** Who calls, from verified credentials only. */
export interface Caller {
  readonly issuer: string;
  readonly subject: string;
  readonly clientId?: string;
  readonly scopes: readonly string[];
}

export type LogLevel = 'debug' | 'info' | 'notice' | 'warning' | 'error' | 'critical' | 'alert' | 'emergency';

/** What a handler is given besides its input. */
export interface Context<Connectors = Readonly<Record<string, unknown>>> {
  /** Open connectors by name, opened on first use. */
  readonly connectors: Connectors;
  /** Aborted when the client cancels or leaves, or the deadline passes. */
  readonly signal: AbortSignal;
  /** Absent when the request carried no verified identity. */
  readonly caller?: Caller;
  /** The client's `_meta`, without the protocol's own keys. */
  readonly meta: JsonObject;
  /** Reports progress; does nothing when the client did not ask for it. `progress` must grow. */
  progress(progress: number, options?: { readonly total?: number; readonly message?: string }): void;
  /** Sends a log message to the client, if it asked for this level. */
  log(level: LogLevel, data: JsonValue, logger?: string): void;
  /** Whether the client said that it can be asked for this. */
  can(feature: ClientFeature): boolean;
  /**
   * Asks the user for input through the client. The tool must list `elicitation` in `uses`.
   *
   * In revision 2026-07-28 a server holds no open call: the answer goes out, the handler stays where it is and is never
   * resumed (its `signal` aborts), and when the client comes back with the user's input the handler runs again from its
   * beginning, `elicit` then giving what the user said. So do nothing before the last `elicit` that must not happen
   * twice. Calls are told apart by their order, or by `key` where the order can change.
   */
  elicit(request: ElicitRequest, options?: AskOptions): Promise<ElicitResult>;
  /** Asks the client's model. The tool must list `sampling` in `uses`. Runs the handler again, as `elicit` does. */
  sample(request: JsonObject, options?: AskOptions): Promise<JsonObject>;
  /** The client's roots. The tool must list `roots` in `uses`. Runs the handler again, as `elicit` does. */
  roots(options?: AskOptions): Promise<ReadonlyArray<Root>>;
  /** The result of this run is not kept, whatever the tool's `cache` says: for what turns out to be for this once only. */
  noStore(): void;
  /** Tells listening clients that a list is no longer what it was, for resources that come and go. */
  listChanged(list: 'tools' | 'resources' | 'prompts'): void;
}

export interface Root {
  readonly uri: string;
  readonly name?: string;
}

export interface AskOptions {
  /** Names the question within the call. Default: the feature and its number, `elicitation-1`. */
  readonly key?: string;
}

export type ElicitRequest =
  | { readonly mode?: 'form'; readonly message: string; readonly requestedSchema: JsonSchema }
  | { readonly mode: 'url'; readonly message: string; readonly url: string; readonly elicitationId?: string };

export interface ElicitResult {
  readonly action: 'accept' | 'decline' | 'cancel';
  readonly content?: JsonObject;
}

export interface ToolAnnotations {
  readonly title?: string;
  readonly readOnlyHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
}

export type Content =
  | { readonly type: 'text'; readonly text: string; readonly annotations?: JsonObject; readonly _meta?: JsonObject }
  | {
      readonly type: 'image' | 'audio';
      readonly data: string;
      readonly mimeType: string;
      readonly annotations?: JsonObject;
      readonly _meta?: JsonObject;
    }
  | {
      readonly type: 'resource';
      readonly resource: ResourceContents;
      readonly annotations?: JsonObject;
      readonly _meta?: JsonObject;
    }
  | {
      readonly type: 'resource_link';
      readonly uri: string;
      readonly name: string;
      readonly [key: string]: JsonValue | undefined;
    };

export type ResourceContents =
  | { readonly uri: string; readonly text: string; readonly mimeType?: string; readonly _meta?: JsonObject }
  | { readonly uri: string; readonly blob: string; readonly mimeType?: string; readonly _meta?: JsonObject };

/** The protocol's own result, for handlers that need all of it. */
export interface ToolResult {
  readonly content: readonly Content[];
  readonly structuredContent?: JsonValue;
  readonly isError?: boolean;
  readonly _meta?: JsonObject;
}

/**
 * What a handler may return: a string becomes text; an object with a `content` array is the protocol's own result; any
 * other value is JSON, sent as `structuredContent` where the tool has an output schema, and as text always. An async
 * iterable of strings or bytes is text, one of anything else a list of rows, be it the value itself or a field of it: sent
 * as it comes.
 */
export type ToolReturn = string | number | boolean | null | ToolResult | JsonValue | AsyncIterable<unknown> | object;

export interface Cache {
  /** Milliseconds, or a text such as `30s`, `5m`, `1h`, `1d`. */
  readonly ttl: number | string;
  /** `user` keeps results apart by caller and is the default. */
  readonly scope?: 'public' | 'user';
}

/** How results of a tool are kept. */
export interface ToolCache extends Cache {
  /** How long after `ttl` the stale result answers at once, while one run in the background renews it. Default: not at all. */
  readonly staleWhileRevalidate?: number | string;
  /** How long after `ttl` the stale result answers for a run that fails. Default: not at all. */
  readonly staleIfError?: number | string;
  /** How long an error result is kept, so that a failure is not asked for anew by each call. Default: not at all. */
  readonly negativeTtl?: number | string;
}

/** Connectors that a tool uses: the imported connectors under names of its choice, or names of files in `connectors/`. */
export type ConnectorsOption = { readonly [name: string]: Connector<unknown> } | readonly string[];

/** The open clients for a `ConnectorsOption`. */
export type ClientsOf<C> = C extends readonly (infer Name extends string)[]
  ? { readonly [K in Name]: unknown }
  : { readonly [K in keyof C]: C[K] extends Connector<infer Client> ? Client : never };

export interface Tool<
  Input extends Schema | undefined = Schema | undefined,
  Output extends Schema | undefined = Schema | undefined,
  Connectors extends ConnectorsOption = ConnectorsOption,
> {
  /** Default: the file's name. 1 to 128 of `A-Z a-z 0-9 _ - .`; many clients refuse more than 64. */
  readonly name?: string;
  readonly title?: string;
  readonly description?: string;
  /** Default: an object without properties. */
  readonly input?: Input;
  readonly output?: Output;
  readonly annotations?: ToolAnnotations;
  readonly icons?: readonly JsonObject[];
  readonly meta?: JsonObject;
  readonly connectors?: Connectors;
  /** Client features the handler calls upon. */
  readonly uses?: readonly ClientFeature[];
  /**
   * Answers calls from the results of earlier ones with the same arguments. Takes effect where `annotations` say
   * `readOnlyHint: true` and `uses` is empty. The handler then runs for all who ask the same, so it sees what tells them
   * apart and no more: `context.meta` is empty, `can` says no, and with scope `public` there is no `caller`.
   */
  readonly cache?: ToolCache;
  /** `worker` runs the handler in a worker thread, away from the event loop. */
  readonly run?: 'main' | 'worker';
  /** Milliseconds or a text such as `30s`; default 30 s. */
  readonly deadline?: number | string;
  readonly handler: (
    input: InferOutput<Input>,
    context: Context<ClientsOf<Connectors>>,
  ) => ToolReturn | Promise<ToolReturn>;
}

export interface Connector<Client> {
  /** Opens the connection: called on first use, once for all tools. */
  readonly open: (options: { readonly signal: AbortSignal }) => Client | Promise<Client>;
  /** Called when the server stops. A method, so that a connector of any client is a `Connector<unknown>`. */
  close?(client: Client): void | Promise<void>;
}

/** A resource has a fixed `uri`, or a `uriTemplate` (RFC 6570, level 1 to 3) whose variables reach `read`. */
export interface Resource<Connectors extends ConnectorsOption = ConnectorsOption> {
  readonly uri?: string;
  readonly uriTemplate?: string;
  /** Default: the file's name. */
  readonly name?: string;
  readonly title?: string;
  readonly description?: string;
  readonly mimeType?: string;
  readonly size?: number;
  readonly annotations?: JsonObject;
  readonly icons?: readonly JsonObject[];
  readonly meta?: JsonObject;
  readonly connectors?: Connectors;
  readonly cache?: Cache;
  /** A string becomes text contents, bytes become a base64 blob. */
  readonly read: (
    request: { readonly uri: string; readonly variables: Readonly<Record<string, string>> },
    context: Context<ClientsOf<Connectors>>,
  ) => ResourceReturn | Promise<ResourceReturn>;
  /** Calls `changed` whenever the contents change, until `signal` aborts: makes the resource subscribable. */
  readonly watch?: (
    changed: () => void,
    options: { readonly uri: string; readonly signal: AbortSignal },
  ) => void | Promise<void>;
  /** Values for a template's variable that begin with what was typed. */
  readonly complete?: Readonly<Record<string, Completer>>;
}

/** `undefined` where there is no such resource. */
export type ResourceReturn = string | Uint8Array | { readonly contents: readonly ResourceContents[] } | undefined;

export type Completer = (
  value: string,
  context: { readonly arguments: Readonly<Record<string, string>>; readonly signal: AbortSignal },
) => readonly string[] | Promise<readonly string[]>;

export interface PromptArgument {
  readonly title?: string;
  readonly description?: string;
  readonly required?: boolean;
  readonly complete?: Completer;
}

export interface PromptMessage {
  readonly role: 'user' | 'assistant';
  readonly content: Content;
}

export interface Prompt<
  Arguments extends { readonly [name: string]: PromptArgument } = { readonly [name: string]: PromptArgument },
  Connectors extends ConnectorsOption = ConnectorsOption,
> {
  /** Default: the file's name. */
  readonly name?: string;
  readonly title?: string;
  readonly description?: string;
  readonly arguments?: Arguments & { readonly [name: string]: PromptArgument };
  readonly icons?: readonly JsonObject[];
  readonly meta?: JsonObject;
  readonly connectors?: Connectors;
  readonly uses?: readonly ClientFeature[];
  /** A string becomes one message of the user. */
  readonly handler: (
    input: PromptInput<Arguments>,
    context: Context<ClientsOf<Connectors>>,
  ) => PromptReturn | Promise<PromptReturn>;
}

export type PromptInput<A> = {
  readonly [K in keyof A]: A[K] extends { readonly required: true } ? string : string | undefined;
};

export type PromptReturn =
  | string
  | readonly PromptMessage[]
  | { readonly description?: string; readonly messages: readonly PromptMessage[] };

/** Types a tool from its schemas. The file's default export: one file, one tool. */
export function defineTool<
  const Input extends Schema | undefined = undefined,
  const Output extends Schema | undefined = undefined,
  const Connectors extends ConnectorsOption = Record<never, never>,
>(tool: Tool<Input, Output, Connectors>): Tool<Input, Output, Connectors> {
  return tool;
}

/** Types a connector: what `open` returns is what handlers get as `context.connectors.<name>`. */
export function defineConnector<Client>(connector: Connector<Client>): Connector<Client> {
  return connector;
}

/** Types a resource or a resource template. */
export function defineResource<const Connectors extends ConnectorsOption = Record<never, never>>(
  resource: Resource<Connectors>,
): Resource<Connectors> {
  return resource;
}

/** Types a prompt from its arguments. */
export function definePrompt<
  const Arguments extends { readonly [name: string]: PromptArgument } = Record<never, never>,
  const Connectors extends ConnectorsOption = Record<never, never>,
>(prompt: Prompt<Arguments, Connectors>): Prompt<Arguments, Connectors> {
  return prompt;
}
