import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { type LocalCacheOptions, openLocalCache } from '@mcpgen/build-cache';
import {
  type AccessToken,
  createTurborepoServer,
  openTurborepoTier,
  type TurborepoServerEvent,
  type TurborepoServerOptions,
  type TurborepoTierOptions,
} from '@mcpgen/build-cache/turborepo';
import { type EventRecorder, eventRecorder, temporaryDirectory } from '@mcpgen/testing';
import type { Machine } from './remote-rig.ts';

export const WRITER: AccessToken = { token: 'a-writer', right: 'write' };

/** An HTTP server on loopback that remembers what it was asked. */
export interface ListeningServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly IncomingMessage[];
}

export async function listen(handle: RequestListener): Promise<ListeningServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    handle(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('unreachable');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Our own server, with a store of its own. */
export interface CacheServer extends ListeningServer {
  readonly store: string;
  readonly uploads: string;
  readonly events: EventRecorder<TurborepoServerEvent>;
}

export async function cacheServer(
  options: Partial<TurborepoServerOptions> = {},
  limits: Partial<LocalCacheOptions> = {},
): Promise<CacheServer> {
  const directory = await temporaryDirectory('mcpgen-turborepo-');
  const [store, uploads] = [join(directory.path, 'store'), join(directory.path, 'uploads')];
  const events = eventRecorder<TurborepoServerEvent>();
  const server = createTurborepoServer({
    open: () => openLocalCache({ directory: store, now: Date.now, ...limits }),
    uploads,
    tokens: [WRITER],
    onEvent: events.onEvent,
    ...options,
  });
  const listening = await listen(server.handle);
  return {
    ...listening,
    store,
    uploads,
    events,
    [Symbol.asyncDispose]: async () => {
      await listening[Symbol.asyncDispose]();
      await server.close();
      await directory.remove();
    },
  };
}

/** The tier of a machine at a server. */
export function tierAt({ url }: { readonly url: string }, m: Machine, options: Partial<TurborepoTierOptions> = {}) {
  return openTurborepoTier({
    url,
    token: WRITER.token,
    exchange: m.near.exchange,
    onEvent: m.project.events.onEvent,
    ...options,
  });
}
