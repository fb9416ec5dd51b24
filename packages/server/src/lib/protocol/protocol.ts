/** The stateless revision: `_meta` in every request, no handshake. */
export const MODERN_VERSION = '2026-07-28';
/** Revisions that begin with `initialize`, newest first. */
export const LEGACY_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;
/** What an HTTP request without `MCP-Protocol-Version` speaks (streamable HTTP, "Protocol Version Header"). */
export const ASSUMED_VERSION = '2025-03-26';
export const MODERN_VERSIONS: readonly string[] = [MODERN_VERSION];
export const ALL_VERSIONS: readonly string[] = [MODERN_VERSION, ...LEGACY_VERSIONS];

export const PROTOCOL_VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';
export const CLIENT_CAPABILITIES_KEY = 'io.modelcontextprotocol/clientCapabilities';
export const CLIENT_INFO_KEY = 'io.modelcontextprotocol/clientInfo';
export const LOG_LEVEL_KEY = 'io.modelcontextprotocol/logLevel';
export const SERVER_INFO_KEY = 'io.modelcontextprotocol/serverInfo';
export const SUBSCRIPTION_ID_KEY = 'io.modelcontextprotocol/subscriptionId';

/** JSON-RPC 2.0 and MCP 2026-07-28, "Error Codes". */
export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;
export const HEADER_MISMATCH = -32020;
export const MISSING_CLIENT_CAPABILITY = -32021;
export const UNSUPPORTED_VERSION = -32022;
/** Resource not found, in the revisions up to 2025-11-25 only. */
export const LEGACY_RESOURCE_NOT_FOUND = -32002;

export const DEFAULT_DEADLINE = 30_000;
export const DEFAULT_LIST_TTL = 300_000;
export const DEFAULT_BODY_LIMIT = 4 * 1024 * 1024;
export const DEFAULT_RESULT_LIMIT = 10 * 1024 * 1024;
/** A TCP segment on Ethernet carries 1,460 bytes, the head of a response takes about 180 of them. */
export const DEFAULT_COMPRESSION_THRESHOLD = 1280;
export const DEFAULT_PATH = '/mcp';

/** Of RFC 9728, section 3: the documents that say where to sign in lie below it. */
export const METADATA_PATH = '/.well-known/oauth-protected-resource';
