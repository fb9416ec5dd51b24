import { protectedResource } from '../authoring/auth.ts';
import { METADATA_PATH } from '../protocol/protocol.ts';
import type { SideRequest } from './answer-metrics.ts';
import { refuseHttp } from './refuse-http.ts';

/** Answers a request for the document of RFC 9728, which says where to sign in for the endpoint at `path`. */
export async function answerProtectedResource({
  request,
  response,
  cors,
  auth: { current },
  path,
}: SideRequest & { readonly path: string }): Promise<void> {
  const [asked] = (request.url ?? '').split('?', 1);
  const isKnown = asked === METADATA_PATH || asked === `${METADATA_PATH}${path}`;
  const auth = isKnown ? await current?.get().catch(() => undefined) : undefined;
  const json = auth && protectedResource(auth);
  if (json === undefined) refuseHttp(request, response, 404, 'Not found', cors);
  else if (request.method !== 'GET' && request.method !== 'HEAD') {
    refuseHttp(request, response, 405, 'Method not allowed', ['Allow', 'GET, HEAD', ...cors]);
  } else {
    const length = String(Buffer.byteLength(json));
    response.writeHead(200, ['Content-Type', 'application/json', 'Content-Length', length, ...cors]);
    response.end(json);
  }
}
