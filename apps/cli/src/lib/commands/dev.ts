import { resolve } from 'node:path';
import { type BuildRequest, readBuildRequest } from '../build/build-request.ts';
import { type BuildTools, openBuildTools } from '../build/open-build-tools.ts';
import { planProject } from '../build/plan-project.ts';
import { runSteps } from '../build/run-steps.ts';
import { moduleVersions } from '../build/steps/module-versions.ts';
import { type ProjectWatch, watchProject } from '../build/watch-project.ts';
import type { CliContext } from '../context.ts';
import { type DevServer, type ModuleVersions, startDevServer } from '../dev-server.ts';
import { exitCodes } from '../exit-code.ts';
import type { Envelope } from '../report/envelope.ts';
import { errorEnvelope } from '../report/error-envelope.ts';
import { formatDuration } from '../report/format.ts';
import { settle, writeError } from '../report/settle.ts';
import { paint } from '../report/style.ts';

export interface DevFlags {
  readonly json: boolean;
  readonly config?: string;
  readonly port?: number;
  readonly cacheFrom?: readonly string[];
}

/** `mcpgen dev`: builds, serves, and swaps what changes in the running server until it is interrupted. */
export async function dev(this: CliContext, flags: DevFlags, directory = '.'): Promise<void> {
  await settle(this, flags.json && 'lines', async () => {
    const project = resolve(this.directory, directory);
    const session = new DevSession(this, flags, project);
    try {
      await session.run();
    } finally {
      await session.close();
    }
    return { code: 'STOPPED', message: 'Stopped', exitCode: exitCodes.done };
  });
}

/** Owns the watching, the warm build and the server. */
class DevSession {
  readonly #context: CliContext;
  readonly #flags: DevFlags;
  readonly #directory: string;
  #build: { readonly request: BuildRequest; readonly tools: BuildTools } | undefined;
  #server: DevServer | undefined;
  #watch: ProjectWatch | undefined;

  constructor(context: CliContext, flags: DevFlags, directory: string) {
    this.#context = context;
    this.#flags = flags;
    this.#directory = directory;
  }

  async run(): Promise<void> {
    const { signal } = this.#context;
    this.#build = await this.#open();
    // Listens before the first build, so that no edit falls between the two.
    this.#watch = await watchProject(this.#directory, {
      onWarning: (message) => this.#tell(notice('WARNING', message)),
    });
    await this.#rebuild([]);
    for await (const changed of this.#watch.changes(signal)) {
      if (changed.some((path) => /^mcpgen\.config\./.test(path))) await this.#recompose();
      await this.#rebuild(changed);
    }
  }

  async close(): Promise<void> {
    await this.#watch?.close();
    await this.#server?.close();
    await this.#build?.tools.close();
  }

  /** A build that fails leaves the running server as it is, and says why. */
  async #rebuild(changed: readonly string[]): Promise<void> {
    const began = this.#context.elapsed();
    try {
      await this.#serve(changed, began);
    } catch (error) {
      if (this.#context.signal.aborted) return;
      this.#tell(errorEnvelope(error, { exitCode: exitCodes.failed, directory: this.#context.directory }));
    }
    // The next description finds its process started.
    this.#build?.tools.describer.prewarm();
  }

  async #serve(changed: readonly string[], began: number): Promise<void> {
    if (this.#build === undefined) return;
    const { request, tools } = this.#build;
    const plan = await planProject(request, tools);
    const { statCache } = tools;
    const { outputs, reports } = await runSteps(request, tools, { ...plan, statCache });
    statCache.save();
    const versions = moduleVersions(plan.chunks, outputs);
    if (this.#server === undefined) {
      this.#server = await this.#start(request, versions);
      this.#tell(
        notice(
          'READY',
          `Serving ${request.settings.server.info.name ?? plan.project.name}, built in ${this.#since(began)}; edit a file and it is swapped`,
        ),
      );
      return;
    }
    if (this.#server.running && reports.every((report) => report.outcome === 'fresh')) return;
    const { restarted } = await this.#server.reload(versions);
    this.#tell(
      restarted
        ? notice('RESTARTED', `Started the server again with ${listed(changed)} in ${this.#since(began)}`)
        : notice('SWAPPED', `Swapped ${listed(changed)} in ${this.#since(began)}`),
    );
  }

  #start(request: BuildRequest, versions: ModuleVersions): Promise<DevServer> {
    const { environment, process, signal } = this.#context;
    return startDevServer({
      directory: request.paths.workServer,
      environment: {
        ...environment,
        ...(this.#flags.port === undefined ? {} : { PORT: String(this.#flags.port) }),
      },
      versions,
      onExit: (code) =>
        this.#tell(
          notice('SERVER_ENDED', `The server ended ${howEnded(code)}: it is started again with the next change`),
        ),
      onOutput: (text) => process.stderr.write(text),
      signal,
    });
  }

  #since(began: number): string {
    return formatDuration(this.#context.elapsed() - began);
  }

  async #recompose(): Promise<void> {
    try {
      const next = await this.#open();
      await this.#build?.tools.close();
      this.#build = next;
    } catch (error) {
      this.#tell(errorEnvelope(error, { exitCode: exitCodes.usage, directory: this.#context.directory }));
    }
  }

  async #open(): Promise<{ readonly request: BuildRequest; readonly tools: BuildTools }> {
    const request = await readBuildRequest(this.#context, {
      directory: this.#directory,
      flags: {
        profile: 'fast',
        image: false,
        // What is being edited is of no use to others.
        cacheTo: '',
        ...(this.#flags.cacheFrom === undefined ? {} : { cacheFrom: this.#flags.cacheFrom }),
        ...(this.#flags.config === undefined ? {} : { config: this.#flags.config }),
      },
      cache: 'on',
      variant: 'dev',
      onEvent: (event) => void (event.type === 'warning' && this.#tell(notice('WARNING', event.message))),
    });
    const shown = withoutListCaching(request);
    return { request: shown, tools: await openBuildTools(shown) };
  }

  /** With `--json` one line each, since there is no end to wait for. */
  #tell(envelope: Envelope): void {
    const { stdout, stderr } = this.#context.process;
    if (this.#flags.json) stdout.write(`${JSON.stringify(envelope)}\n`);
    else if (envelope.status === 'error') writeError(this.#context, envelope);
    else
      stderr.write(
        `${paint(stderr, envelope.code === 'WARNING' ? 'yellow' : 'green', envelope.code.toLowerCase())} ${envelope.message}\n`,
      );
  }
}

/** A client that keeps lists for minutes would not see the tool that was just added. */
function withoutListCaching(request: BuildRequest): BuildRequest {
  const { server } = request.settings;
  return {
    ...request,
    settings: { ...request.settings, server: { ...server, options: { ...server.options, listTtl: 0 } } },
  };
}

function notice(code: string, message: string): Envelope {
  return { status: 'ok', code, message, fix: null, next: [] };
}

function howEnded(code: number | null): string {
  return code === null ? 'by a signal' : `with exit code ${code}`;
}

function listed(paths: readonly string[]): string {
  const shown = paths.slice(0, 3).join(', ');
  return paths.length > 3 ? `${shown} and ${paths.length - 3} more` : shown;
}
