import type { JsonObject } from '../protocol/json.ts';

/**
 * What a build tells the runtime: `manifest.json` beside `main.js`. All paths are relative to the manifest, with `/`
 * and a leading `./`. Everything else the runtime learns lazily from the modules themselves.
 */
export interface ServerManifest {
  /** Raised when a runtime of an older version could no longer read it. */
  readonly format: 1;
  readonly info: Implementation;
  readonly instructions?: string;
  /** In the order of `tools/list`: bytewise by name. */
  readonly tools: Readonly<Record<string, ToolManifest>>;
  /** Keyed by URI. */
  readonly resources: Readonly<Record<string, ResourceManifest>>;
  /** Keyed by URI template (RFC 6570). */
  readonly resourceTemplates: Readonly<Record<string, ResourceManifest>>;
  readonly prompts: Readonly<Record<string, PromptManifest>>;
  readonly connectors: Readonly<Record<string, ConnectorManifest>>;
  /** Its default export says who may call over HTTP. */
  readonly auth?: { readonly module: string };
  /** Files with the ready bytes of the list results: each holds one JSON array of protocol objects. */
  readonly lists: {
    readonly tools?: string;
    readonly resources?: string;
    readonly resourceTemplates?: string;
    readonly prompts?: string;
  };
  readonly options: ServerOptionsManifest;
}

/** `Implementation` of the protocol: who this server is. */
export interface Implementation {
  readonly name: string;
  readonly version: string;
  readonly title?: string;
  readonly description?: string;
  readonly websiteUrl?: string;
  readonly icons?: readonly JsonObject[];
}

/** A feature of the client that a tool or prompt calls upon: in the 2025 era it makes sessions necessary. */
export type ClientFeature = 'elicitation' | 'sampling' | 'roots';

export interface ToolManifest {
  readonly module: string;
  /** A module whose default export is `(input) => true | ValidationIssue[]`, or absent when any object is valid. */
  readonly validator?: string;
  /** The same for `structuredContent`. */
  readonly outputValidator?: string;
  /** The schema says more than JSON Schema can: run its own `validate` after the compiled validator. */
  readonly parse?: true;
  readonly connectors?: readonly string[];
  /** Milliseconds. */
  readonly deadline?: number;
  readonly run?: 'worker';
  readonly uses?: readonly ClientFeature[];
  /** Arguments mirrored in HTTP headers (`x-mcp-header`): argument path → header name without `Mcp-Param-`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cache?: ToolCacheManifest;
}

/** Milliseconds. */
export interface ToolCacheManifest {
  readonly ttl: number;
  readonly scope: 'public' | 'user';
  readonly staleWhileRevalidate?: number;
  readonly staleIfError?: number;
  readonly negativeTtl?: number;
}

export interface ResourceManifest {
  readonly module: string;
  readonly connectors?: readonly string[];
  readonly subscribe?: true;
  readonly complete?: true;
  readonly cache?: { readonly ttl: number; readonly scope: 'public' | 'user' };
}

export interface PromptManifest {
  readonly module: string;
  readonly validator?: string;
  readonly parse?: true;
  readonly connectors?: readonly string[];
  readonly complete?: true;
  readonly uses?: readonly ClientFeature[];
}

export interface ConnectorManifest {
  readonly module: string;
}

/** What the configuration file says about the running server. Every field has a default in the runtime. */
export interface ServerOptionsManifest {
  /** Path of the MCP endpoint, default `/mcp`. */
  readonly path?: string;
  /** Hosts that may appear in `Host` besides loopback names; `*` stands for any. */
  readonly allowedHosts?: readonly string[];
  /** Origins that browsers may call from, besides loopback. */
  readonly allowedOrigins?: readonly string[];
  /** Bytes of a request body, default 4 MiB. */
  readonly bodyLimit?: number;
  /** Bytes of the result of a tool, resource or prompt where the server says nothing itself, default 10 MiB. */
  readonly resultLimit?: number;
  /** Milliseconds a tool may run where it says nothing itself, default 30,000. */
  readonly deadline?: number;
  /** Entries per page of a list; absent means everything in one page, since many clients ignore `nextCursor`. */
  readonly pageSize?: number;
  /** How long clients may cache lists, milliseconds, default 300,000, and for whom. */
  readonly listTtl?: number;
  readonly listScope?: 'public' | 'private';
  /** Tools to load after the start, ahead of their first call; `true` for all. */
  readonly warmUp?: readonly string[] | true;
  /** Counts calls, their problems and how long they take, and shows it at `GET /metrics`; off by default. */
  readonly metrics?: boolean;
  readonly resultCache?: ResultCacheManifest;
  /** Whether and how answers over HTTP are compressed for clients that ask for it; default: all of the defaults. */
  readonly compression?: false | CompressionOptions;
}

/** Where results of tools with a `cache` are kept. */
export interface ResultCacheManifest {
  /** Of this process' memory, default 64 MiB for all tools together. */
  readonly maxBytes?: number;
  /** Default 10,000. */
  readonly maxEntries?: number;
  /** Name of the connector that opens a client of Redis or Valkey, for replicas that share results. */
  readonly store?: string;
}

/** How answers are compressed for clients that ask for it by `Accept-Encoding`. */
export interface CompressionOptions {
  /** Bytes from which an answer is compressed; default 1,280: below it, head and body fit into one packet anyway. */
  readonly threshold?: number;
  /** Which may be used; the first of those that a client likes equally. Default: zstd, br, gzip; for lists br, zstd, gzip. */
  readonly encodings?: readonly ('br' | 'gzip' | 'zstd')[];
  /**
   * For whom the results of tools, resources and prompts are compressed: `anonymous` callers (default), who have no secret
   * that the length of a result could give away, `all`, or `none`. Lists, which hold no secret, are compressed for all.
   */
  readonly results?: 'all' | 'anonymous' | 'none';
  /** Whether streams of events are compressed, event by event; default false, since each holds 120 KB and more for it. */
  readonly streams?: boolean;
}

/** One thing that is wrong with an input. */
export interface ValidationIssue {
  /** JSON Pointer into the input: `/city/name`. */
  readonly path: string;
  readonly message: string;
}

/** The default export of a generated validator module. Fills in defaults and removes unknown keys in place. */
export type Validator = (input: unknown) => true | readonly ValidationIssue[];
