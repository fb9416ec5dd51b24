import type { Catalogue } from '../catalogue/catalogue.ts';
import type { McpServer } from '../mcp-server.ts';
import type { RequestId } from './answer.ts';
import type { Exchange } from './exchange.ts';
import type { Fields } from './message.ts';

/** One request, checked and ready to be carried out. */
export interface Incoming {
  readonly server: McpServer;
  /** The catalogue that serves the whole request, even if another replaces it meanwhile. */
  readonly catalogue: Catalogue;
  readonly exchange: Exchange;
  readonly id: RequestId;
  readonly method: string;
  readonly params: Fields;
  readonly meta: Fields;
  readonly version: string;
  /** Of revision 2026-07-28: answers carry `resultType`, and handlers that ask are run again. */
  readonly modern: boolean;
  /** What follows the fields of a result: `resultType` and `_meta` where the era has them, and the closing brace. */
  readonly resultTail: string;
  /** What the client declared it can do, with this request or when its session began. */
  readonly capabilities: Fields;
  /** The least level of log messages that the client wants; `undefined` where it wants none. */
  readonly logLevel: string | undefined;
}
