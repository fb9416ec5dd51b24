import { buildCommand } from '@stricli/core';
import { cacheFrom, config, directory, json, out, profile, text } from './command-parameters.ts';
import type { ExplainFlags } from './commands/explain.ts';
import type { CliContext } from './context.ts';

/** `mcpgen explain`, of steps and of the API. */
export const explain = buildCommand<ExplainFlags, [directory?: string], CliContext>({
  loader: async () => (await import('./commands/explain.ts')).explain,
  docs: {
    brief: 'Say what a build would do, and why',
    fullDescription:
      'Plans a build and prints for each step whether it would run, be restored or is fresh, down to the file or option that changed. With --api: what changed for those who call the server, since the API in mcpgen.api.json or elsewhere, and which version announces it; exit code 5 where it breaks callers and the version does not say so.',
  },
  parameters: {
    positional: directory,
    flags: {
      json,
      config,
      profile,
      out,
      cacheFrom,
      all: { kind: 'boolean', brief: 'Show fresh steps too', default: false, withNegated: false },
      api: {
        kind: 'boolean',
        brief: 'Compare what the server offers with what it offered',
        default: false,
        withNegated: false,
      },
      against: {
        kind: 'parsed',
        parse: text,
        brief: 'With --api: a file, a built server or a git revision; default mcpgen.api.json',
        placeholder: 'what',
        optional: true,
      },
      write: { kind: 'boolean', brief: 'With --api: write mcpgen.api.json', default: false, withNegated: false },
    },
  },
});
