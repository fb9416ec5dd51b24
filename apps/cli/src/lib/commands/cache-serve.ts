import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { join, resolve } from 'node:path';
import { type LocalCache, openLocalCache } from '@mcpgen/build-cache';
import { type AccessToken, createTurborepoServer, type TurborepoServerEvent } from '@mcpgen/build-cache/turborepo';
import type { CliContext } from '../context.ts';
import { cacheNotServed, usageError } from '../errors.ts';
import type { Envelope } from '../report/envelope.ts';
import { settle } from '../report/settle.ts';
import { parseSize } from './cache-prune.ts';
import { readTokenFile } from './cache-tokens.ts';
import { openProjectCache, type ProjectCacheFlags } from './open-project-cache.ts';

export interface CacheServeFlags extends ProjectCacheFlags {
  readonly port?: number;
  readonly host?: string;
  /** Where the store lies. Default: the project's own. */
  readonly directory?: string;
  readonly tokenFile?: string;
  /** Without tokens. */
  readonly anonymous: boolean;
  /** Such as `50GB`. */
  readonly maxSize?: string;
}

const PORT = 3030;

/** Milliseconds that transfers have to end after Ctrl-C. */
const GRACE = 10_000;

/** Connections at once: more than any team has, fewer than a process may open. */
const MAX_CONNECTIONS = 1000;

/** `mcpgen cache serve`: a remote cache for turbo, Nx and mcpgen, until it is interrupted. */
export async function cacheServe(this: CliContext, flags: CacheServeFlags, project = '.'): Promise<void> {
  await settle(this, flags.json && 'lines', async () => {
    const { port = PORT, host = '127.0.0.1' } = flags;
    const tokens = readTokens(this, flags);
    const { directory, open } = await findStore(this, flags, project);
    const tell = (envelope: Envelope): void => write(this, flags.json, envelope);
    const cache = createTurborepoServer({
      open,
      uploads: join(directory, 'uploads'),
      tokens,
      onEvent: (event) => tell(problem(event)),
    });
    const server = createServer(cache.handle);
    server.maxConnections = MAX_CONNECTIONS;
    try {
      const url = await listen(server, { port, host });
      tell(notice('READY', `Serving ${directory} at ${url}`, { url, directory }));
      await aborted(this.signal);
    } finally {
      await stop(server);
      await cache.close();
    }
    return { code: 'STOPPED', message: 'Stopped' };
  });
}

function readTokens({ environment, directory }: CliContext, flags: CacheServeFlags): readonly AccessToken[] | 'anyone' {
  const { MCPGEN_CACHE_TOKEN: token } = environment;
  if (flags.tokenFile !== undefined) return readTokenFile(resolve(directory, flags.tokenFile));
  if (flags.anonymous) return 'anyone';
  if (token) return [{ token, right: 'write' }];
  throw usageError(
    'Cannot serve: there is no token that clients must show',
    'Set MCPGEN_CACHE_TOKEN, name a file with --token-file, or let anyone in with --anonymous',
  );
}

async function findStore(
  context: CliContext,
  flags: CacheServeFlags,
  project: string,
): Promise<{ readonly directory: string; readonly open: () => LocalCache }> {
  const found =
    flags.directory === undefined
      ? await openProjectCache(context, flags, project)
      : { directory: resolve(context.directory, flags.directory), maxBytes: undefined };
  const maxBytes = flags.maxSize === undefined ? found.maxBytes : parseSize(flags.maxSize);
  const { directory } = found;
  const limit = maxBytes === undefined ? {} : { maxBytes };
  return { directory, open: () => openLocalCache({ directory, now: context.now, ...limit }) };
}

async function listen(server: Server, address: { readonly port: number; readonly host: string }): Promise<string> {
  const { port, host } = address;
  try {
    await once(server.listen(port, host), 'listening');
  } catch (error) {
    throw cacheNotServed(host, port, error);
  }
  const bound = server.address();
  const name = host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${bound === null || typeof bound === 'string' ? port : bound.port}`;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

/** Takes nothing new, and lets what is under way end. */
async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  const late = setTimeout(() => server.closeAllConnections(), GRACE);
  await closed;
  clearTimeout(late);
}

function problem({ type, method, path, status, message }: TurborepoServerEvent): Envelope {
  const code = type === 'failed' ? 'FAILED' : 'REFUSED';
  return notice(code, `${status} ${method} ${path}: ${message}`, { httpStatus: status, method, path });
}

function notice(code: string, message: string, data: Readonly<Record<string, unknown>>): Envelope {
  return { status: code === 'READY' ? 'ok' : 'error', code, message, fix: null, next: [], ...data };
}

/** With `--json` a line each, since there is no end to wait for. */
function write({ process: { stdout, stderr } }: CliContext, json: boolean, envelope: Envelope): void {
  if (json) stdout.write(`${JSON.stringify(envelope)}\n`);
  else stderr.write(`${envelope.code.toLowerCase()} ${envelope.message}\n`);
}
