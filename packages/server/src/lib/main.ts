import type { Writable } from 'node:stream';
import { manifestCatalogue } from './catalogue/manifest-catalogue.ts';
import { readManifest } from './catalogue/read-manifest.ts';
import { createServerFromManifest } from './create-server-from-manifest.ts';
import { argumentInvalid, nodeTooOld } from './errors.ts';
import { serveHttp } from './http/serve-http.ts';
import type { McpServer } from './mcp-server.ts';
import { reportError, reportEvent } from './protocol/report-event.ts';
import { serveStdio } from './stdio/serve-stdio.ts';

export interface MainOptions {
  /** Where `manifest.json` lies. */
  readonly directory: URL;
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Takes `{ type: 'reload' }` from the parent process and serves the manifest that is there then. */
  readonly dev?: boolean;
  /** The specifier to import for a path of the manifest; asked again after each reload. */
  readonly resolveModule?: (path: string) => string;
}

/** How long running calls may take after a signal, milliseconds. */
const DRAIN_TIME = 10_000;

interface Service {
  close(options: { readonly timeout: number }): Promise<void>;
}

/**
 * Runs a built server: over HTTP on `HOST` (default 127.0.0.1) and `PORT` (default 3000), or over stdio with `--stdio`.
 * The only place of this package that reads arguments and environment, and that prints: to stderr. The exit code is 0
 * after a signal or the end of the input, 1 where it could not start, 2 for an unknown argument.
 */
export async function main(options: MainOptions): Promise<void> {
  const { directory, argv = process.argv.slice(2), env = process.env, resolveModule } = options;
  try {
    checkNode(process.versions.node);
    const stdio = readArguments(argv);
    const output = stdio ? takeStdout() : undefined;
    const server = createServerFromManifest(directory, {
      onEvent: reportEvent,
      resolveModule,
      stateSecret: env.MCPGEN_STATE_SECRET,
    });
    containStrayErrors(server);
    const service = output === undefined ? await startHttp(server, env) : startStdio(server, output);
    stopOnSignals(server, service);
    if (options.dev === true) reloadOnMessage(server, options);
  } catch (error) {
    reportError(error);
    process.exit(error instanceof Error && 'code' in error && error.code === 'ARGUMENT_INVALID' ? 2 : 1);
  }
}

/** Earlier versions start it, and then lose answers: better to say so. */
function checkNode(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < 22 || (major === 22 && minor < 18)) throw nodeTooOld(version);
}

function readArguments(argv: readonly string[]): boolean {
  const unknown = argv.find((argument) => argument !== '--stdio');
  if (unknown !== undefined) throw argumentInvalid(`argument "${unknown}"`, 'is unknown, "--stdio" is the only one');
  return argv.length > 0;
}

function startHttp(server: McpServer, env: NonNullable<MainOptions['env']>): Promise<Service> {
  return serveHttp(server, {
    port: readPort(env.PORT),
    host: env.HOST || '127.0.0.1',
    allowRemote: env.MCPGEN_ALLOW_REMOTE === '1' || server.catalogue.auth !== undefined,
    allowedHosts: readList(env.MCPGEN_ALLOWED_HOSTS),
    allowedOrigins: readList(env.MCPGEN_ALLOWED_ORIGINS),
    compression: env.MCPGEN_COMPRESSION === '0' ? false : undefined,
  });
}

function startStdio(server: McpServer, output: Writable): Service {
  const service = serveStdio(server, { input: process.stdin, output });
  service.ended.then(() => stop(server, service));
  return service;
}

function readPort(text: string | undefined): number {
  if (text === undefined || text === '') return 3000;
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw argumentInvalid(`PORT "${text}"`, 'is no port');
  return Number(text);
}

function readList(text: string | undefined): readonly string[] {
  return (text ?? '').split(',').flatMap((item) => (item.trim() === '' ? [] : [item.trim()]));
}

/** Gives the real stdout to the protocol, and what tools print to stderr. */
function takeStdout(): Writable {
  const { stdout } = process;
  const protocol: Writable = Object.create(stdout, { write: { value: stdout.write.bind(stdout) } });
  // Not bound: the first use of `process.stderr` costs some milliseconds, and most servers print nothing.
  stdout.write = ((...args: Parameters<typeof stdout.write>) => process.stderr.write(...args)) as typeof stdout.write;
  return protocol;
}

/** An error that a tool throws from a timer, or a promise that it forgot, ends that work and nobody else's. */
function containStrayErrors(server: McpServer): void {
  let count = 0;
  const contain = (error: unknown): void => {
    count++;
    server.onEvent?.({ type: 'stray-error', error, count });
  };
  process.on('uncaughtException', contain);
  process.on('unhandledRejection', contain);
}

/** The first signal lets running calls end, the second one does not wait. */
function stopOnSignals(server: McpServer, service: Service): void {
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(signal === 'SIGINT' ? 130 : 143);
    stopping = true;
    stop(server, service);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

async function stop(server: McpServer, service: Service): Promise<void> {
  await service.close({ timeout: DRAIN_TIME });
  await Promise.race([server.close(), new Promise((resolve) => setTimeout(resolve, 1000).unref())]);
  process.exit(0);
}

/** Lets `mcpgen dev` swap what is served: clients stay connected. */
function reloadOnMessage(server: McpServer, { directory, resolveModule }: MainOptions): void {
  process.on('message', (message: unknown) => {
    if (typeof message !== 'object' || message === null || !('type' in message) || message.type !== 'reload') return;
    try {
      server.replace(manifestCatalogue(readManifest(directory), directory, { resolveModule }));
      process.send?.({ type: 'reloaded' });
    } catch (error) {
      reportError(error);
      process.send?.({ type: 'reload-failed', message: error instanceof Error ? error.message : String(error) });
    }
  });
}
