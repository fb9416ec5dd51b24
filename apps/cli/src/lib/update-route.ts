import { buildCommand, type Command } from '@stricli/core';
import { config, directory, json } from './command-parameters.ts';
import type { UpdateFlags } from './commands/update.ts';
import type { CliContext } from './context.ts';

/** `mcpgen update` */
export const update: Command<CliContext> = buildCommand<UpdateFlags, [directory?: string], CliContext>({
  loader: async () => (await import('./commands/update.ts')).update,
  docs: {
    brief: 'Look base images up again and lock what their tags stand for',
    fullDescription:
      'Looks up what the tags of base images stand for now, and writes their digests into mcpgen.lock. With --check it writes nothing and ends with exit code 1 where something is newer.',
  },
  parameters: {
    positional: directory,
    flags: {
      json,
      config,
      check: { kind: 'boolean', brief: 'Only say what is newer', default: false, withNegated: false },
      insecure: { kind: 'boolean', brief: 'Reach registries over plain HTTP', default: false, withNegated: false },
    },
  },
});
