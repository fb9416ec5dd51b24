import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LocalCache } from '../local-cache.ts';
import { type AccessToken, type Authorize, authorizeTokens, type Grant } from './access-tokens.ts';
import { Refusal, refuse, type TurborepoServerEvent } from './answers.ts';
import { type ArtifactRoute, parseArtifactRequest } from './artifact-request.ts';
import { artifactShelf } from './artifact-shelf.ts';
import { renewCache } from './renewed-cache.ts';
import { serveArtifacts } from './serve-artifacts.ts';
import { openUploadDirectory } from './upload-directory.ts';

export interface TurborepoServerOptions {
  /** Opens the store: once, and again after each thousand uses, so that statistics are written and it is kept tidy. */
  readonly open: () => LocalCache;
  /** Absolute, best on the store's file system: where artifacts lie while they come and go. */
  readonly uploads: string;
  /** Who may do what; `'anyone'` may do everything. */
  readonly tokens: readonly AccessToken[] | 'anyone';
  /** Bytes that one artifact may have. Default: 2 GiB. */
  readonly maxArtifactBytes?: number;
  readonly onEvent?: (event: TurborepoServerEvent) => void;
}

/** Serves a local store to turbo, to Nx and to `openTurborepoTier`. */
export interface TurborepoServer {
  /** For `createServer` of `node:http`. Never throws. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  /** Waits for what is under way, and writes statistics. */
  close(): Promise<void>;
}

const TWO_GIGABYTES = 2 * 1024 ** 3;

/** Milliseconds in which nothing comes or goes, after which a connection is cut. */
const IDLE = 60_000;

/**
 * Throws what the file system throws where `uploads` cannot be made.
 *
 * @throws {TypeError} for an empty token, or one that is given twice
 */
export function createTurborepoServer(options: TurborepoServerOptions): TurborepoServer {
  const { maxArtifactBytes: maxArtifact = TWO_GIGABYTES, onEvent = () => {} } = options;
  const authorize = authorizeTokens(options.tokens);
  const uploads = openUploadDirectory(options.uploads);
  const store = renewCache(options.open);
  const shelf = artifactShelf(store, uploads);
  const underway = new Set<Promise<void>>();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.setTimeout(IDLE, () => request.destroy());
    try {
      const { route, grant } = admit(request, authorize);
      await serveArtifacts(route, { request, response, grant, shelf, maxArtifact });
    } catch (error) {
      onEvent(await refuse(request, response, error));
    }
  }

  return {
    handle(request, response) {
      const answering = answer(request, response).finally(() => underway.delete(answering));
      underway.add(answering);
    },
    async close() {
      await Promise.allSettled(underway);
      await store.close();
      await uploads.close();
    },
  };
}

function admit(
  request: IncomingMessage,
  authorize: Authorize,
): { readonly route: ArtifactRoute; readonly grant: Grant } {
  const { headers, method = '' } = request;
  // A page that somebody looks at here must not reach a server without tokens by tricks with names.
  if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined) {
    throw new Refusal(403, 'forbidden', 'no page of a browser may ask here');
  }
  const grant = authorize(headers.authorization);
  if (grant === undefined) throw new Refusal(401, 'unauthorized', 'there is no token, or one that is not known');
  const parsed = parseArtifactRequest(request);
  if (parsed === undefined) throw new Refusal(404, 'not_found', 'there is no such address');
  if (!parsed.methods.includes(method))
    throw new Refusal(405, 'method_not_allowed', `${method} is not for this address`);
  return { route: parsed.route, grant };
}
