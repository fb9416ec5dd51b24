import { buildCommand } from '@stricli/core';
import { budgetFlags, config, flag, json, text } from './command-parameters.ts';
import type { MetricsFlags } from './commands/metrics.ts';
import type { CliContext } from './context.ts';

const file = (brief: string) => ({ kind: 'parsed', parse: text, brief, placeholder: 'file', optional: true }) as const;

/** `mcpgen metrics`. */
export const metrics = buildCommand<MetricsFlags, string[], CliContext>({
  loader: async () => (await import('./commands/metrics.ts')).metrics,
  docs: {
    brief: 'Show where the time of builds went',
    fullDescription:
      'Shows the last build of a project, or its history. mcpgen metrics --compare 2 1 compares two runs.',
  },
  parameters: {
    positional: {
      kind: 'array',
      parameter: { brief: 'Project directory, default the current one', placeholder: 'directory', parse: text },
      maximum: 2,
    },
    flags: {
      json,
      config,
      runs: flag('List all builds'),
      compare: {
        kind: 'parsed',
        parse: text,
        brief: 'Compare this build with the one named next, default the latest: number or id',
        placeholder: 'run',
        optional: true,
      },
      trend: flag('Show which steps became slower or faster'),
      markdown: flag('Print Markdown, for a pull request'),
      html: file('Write a page that explains the build'),
      open: flag('Write the page and open it'),
      trace: file('Write a trace for Perfetto'),
      otlp: file('Write OpenTelemetry traces, OTLP as JSON'),
      assert: flag('End with exit code 4 where the last build passes a budget'),
      ...budgetFlags,
      prometheus: file('Write metrics as Prometheus text'),
    },
  },
});
