import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadConfig } from '../config/load-config.ts';
import type { CliContext } from '../context.ts';
import { serverFailed, serverNotBuilt, usageError } from '../errors.ts';
import { exitCodes } from '../exit-code.ts';
import { settle } from '../report/settle.ts';

export interface StartFlags {
  readonly json: boolean;
  readonly config?: string;
  readonly out?: string;
  readonly stdio: boolean;
  readonly port?: number;
  readonly host?: string;
}

/** `mcpgen start`: the built server, in the foreground, with this terminal as its own. */
export async function start(this: CliContext, flags: StartFlags, directory = '.'): Promise<void> {
  await settle(this, flags.json, async () => {
    checkFlags(flags);
    const project = resolve(this.directory, directory);
    const main = join(await outDirectory(this, flags, project), 'server', 'main.js');
    if (!existsSync(main)) throw serverNotBuilt(project);
    const environment = {
      ...this.environment,
      ...(flags.port === undefined ? {} : { PORT: String(flags.port) }),
      ...(flags.host === undefined ? {} : { HOST: flags.host }),
    };
    const code = await this.spawn(process.execPath, [main, ...(flags.stdio ? ['--stdio'] : [])], {
      environment,
      directory: project,
      signal: this.signal,
    });
    if (code !== 0 && code !== exitCodes.interrupted) throw serverFailed(code);
    return { code: 'STOPPED', message: 'The server stopped' };
  });
}

async function outDirectory(context: CliContext, flags: StartFlags, project: string): Promise<string> {
  if (flags.out !== undefined) return resolve(context.directory, flags.out);
  const { config } = await loadConfig(project, { file: flags.config, cwd: context.directory });
  return resolve(project, config.build?.outDirectory ?? 'dist');
}

function checkFlags({ json, stdio, port, host }: StartFlags): void {
  if (stdio && json)
    throw usageError('Cannot print JSON with --stdio: stdout carries the protocol', 'Leave one of them out');
  if (stdio && (port !== undefined || host !== undefined)) {
    throw usageError('Cannot listen with --stdio: it speaks over stdin and stdout', 'Leave --port and --host out');
  }
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw usageError(`Cannot listen on port ${port}: expected a whole number up to 65535`);
  }
}
