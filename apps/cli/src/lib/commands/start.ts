import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadConfig } from '../config/load-config.ts';
import type { CliContext } from '../context.ts';
import { serverNotBuilt } from '../errors.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { settle } from '../report/envelope.ts';

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
    return { code: 'STOPPED', message: 'The server stopped', exitCode: asExitCode(code) };
  });
}

async function outDirectory(context: CliContext, flags: StartFlags, project: string): Promise<string> {
  if (flags.out !== undefined) return resolve(context.directory, flags.out);
  const { config } = await loadConfig(project, { file: flags.config, cwd: context.directory });
  return resolve(project, config.build?.outDirectory ?? 'dist');
}

function asExitCode(code: number): ExitCode {
  if (code === 0 || code === 130) return code;
  return exitCodes.failed;
}
