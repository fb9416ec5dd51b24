/** Mirrors of types in @mcpgen/server are structural: this package does not depend on it at run time. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** What was learned of one source by loading its bundled module. JSON: it is kept in the build cache. */
export type Description =
  | ToolDescription
  | ResourceDescription
  | PromptDescription
  | ConnectorDescription
  | AuthDescription;

export interface ToolDescription {
  readonly kind: 'tool';
  readonly name: string;
  /** The tool as `tools/list` shows it: name, title, description, inputSchema, outputSchema, annotations, icons, _meta. */
  readonly listing: { readonly name: string; readonly [key: string]: unknown };
  /** For `compileValidator`; undefined when there is nothing to check. */
  readonly validation: JsonSchema | undefined;
  /** The same for `structuredContent`. */
  readonly outputValidation: JsonSchema | undefined;
  /** The schema says more than JSON Schema can: its own `validate` runs after the compiled validator. */
  readonly parse: boolean;
  /** Names of connector files, for those given by name. */
  readonly connectors: readonly string[];
  readonly uses: readonly ClientFeature[];
  readonly run: 'main' | 'worker';
  /** Milliseconds. */
  readonly deadline: number | undefined;
  readonly cache: ToolCacheDescription | undefined;
  /** From `x-mcp-header` in the schema: JSON Pointer of the argument → header name without `Mcp-Param-`. */
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly warnings: readonly string[];
}

/** `ttl` in milliseconds. */
export interface CacheDescription {
  readonly ttl: number;
  readonly scope: 'public' | 'user';
}

/** Milliseconds. */
export interface ToolCacheDescription extends CacheDescription {
  readonly staleWhileRevalidate?: number;
  readonly staleIfError?: number;
  readonly negativeTtl?: number;
}

export type ClientFeature = 'elicitation' | 'sampling' | 'roots';

export interface ResourceDescription {
  readonly kind: 'resource';
  readonly name: string;
  readonly listing: {
    readonly name: string;
    readonly uri?: string;
    readonly uriTemplate?: string;
    readonly [key: string]: unknown;
  };
  readonly connectors: readonly string[];
  readonly subscribe: boolean;
  readonly complete: boolean;
  readonly cache: CacheDescription | undefined;
  readonly warnings: readonly string[];
}

export interface PromptDescription {
  readonly kind: 'prompt';
  readonly name: string;
  readonly listing: { readonly name: string; readonly [key: string]: unknown };
  /** For `compileValidator`; undefined when there is nothing to check. */
  readonly validation: JsonSchema | undefined;
  readonly connectors: readonly string[];
  readonly complete: boolean;
  readonly uses: readonly ClientFeature[];
  readonly warnings: readonly string[];
}

export interface ConnectorDescription {
  readonly kind: 'connector';
  readonly name: string;
  readonly warnings: readonly string[];
}

export interface AuthDescription {
  readonly kind: 'auth';
  readonly name: string;
  readonly warnings: readonly string[];
}
