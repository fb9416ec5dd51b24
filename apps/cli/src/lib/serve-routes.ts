import { buildCommand, type Command, numberParser } from '@stricli/core';
import { cacheFrom, config, directory, json, out, text } from './command-parameters.ts';
import type { DevFlags } from './commands/dev.ts';
import type { StartFlags } from './commands/start.ts';
import type { CliContext } from './context.ts';

/** `mcpgen start` */
export const start: Command<CliContext> = buildCommand<StartFlags, [directory?: string], CliContext>({
  loader: async () => (await import('./commands/start.ts')).start,
  docs: {
    brief: 'Start the built server',
    fullDescription: 'Starts dist/server: HTTP on PORT (default 3000), path /mcp; with --stdio on stdin and stdout.',
  },
  parameters: {
    positional: directory,
    flags: {
      json,
      config,
      out,
      stdio: { kind: 'boolean', brief: 'Speak over stdin and stdout', default: false, withNegated: false },
      port: { kind: 'parsed', parse: numberParser, brief: 'Port, default $PORT or 3000', optional: true },
      host: {
        kind: 'parsed',
        parse: text,
        brief: 'Address, default $HOST or 127.0.0.1',
        placeholder: 'address',
        optional: true,
      },
    },
  },
});

/** `mcpgen dev` */
export const dev: Command<CliContext> = buildCommand<DevFlags, [directory?: string], CliContext>({
  loader: async () => (await import('./commands/dev.ts')).dev,
  docs: {
    brief: 'Build, start, and rebuild on every change',
    fullDescription: 'Swaps changed tools in the running server without dropping a connection.',
  },
  parameters: {
    positional: directory,
    flags: {
      json,
      config,
      port: { kind: 'parsed', parse: numberParser, brief: 'Port, default $PORT or 3000', optional: true },
      cacheFrom,
    },
  },
});
