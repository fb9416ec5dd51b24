import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import {
  type BuildRecord,
  type BuildSummary,
  toChromeTrace,
  toMarkdown,
  toOtlp,
  toPrometheus,
} from '@mcpgen/build-metrics';
import type { CliContext } from '../context.ts';
import type { MetricsFlags } from './metrics.ts';

export interface ViewRequest {
  readonly latest: BuildRecord;
  readonly history: readonly BuildRecord[];
  readonly summary: BuildSummary;
  readonly flags: MetricsFlags;
}

export interface WrittenViews {
  /** What stdout gets in place of the table. */
  readonly output?: string;
  /** Absolute. */
  readonly files: readonly string[];
}

/** Writes the files that are asked for. Each view is loaded only where it is. */
export async function writeViews(context: CliContext, request: ViewRequest): Promise<WrittenViews> {
  const { latest, summary, flags } = request;
  const files: string[] = [];
  const write = (path: string, text: string): void => {
    const file = resolve(context.directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    files.push(file);
  };
  if (flags.trace !== undefined) write(flags.trace, JSON.stringify(toChromeTrace(latest)));
  if (flags.otlp !== undefined) write(flags.otlp, JSON.stringify(toOtlp(latest)));
  if (flags.prometheus !== undefined) write(flags.prometheus, toPrometheus(summary));
  if (flags.html !== undefined || flags.open) await writePage(context, request, write);
  const told = files.map((file) => `Wrote ${file}`).join('\n');
  if (flags.markdown) return { files, output: toMarkdown(summary) };
  return files.length > 0 ? { files, output: told } : { files };
}

async function writePage(
  context: CliContext,
  { latest, history, summary, flags }: ViewRequest,
  write: (path: string, text: string) => void,
): Promise<void> {
  const { renderPage } = await import('@mcpgen/build-metrics/page');
  const path = resolve(context.directory, flags.html ?? join(tmpdir(), `mcpgen-metrics-${latest.id}.html`));
  write(path, await renderPage(latest, { history, summary }));
  if (!flags.open) return;
  const [command, ...args] = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''] }[process.platform as string] ?? [
    'xdg-open',
  ];
  try {
    await context.spawn(command ?? 'xdg-open', [...args, path], {
      environment: context.environment,
      directory: context.directory,
      signal: context.signal,
    });
  } catch {
    context.process.stderr.write(`Open ${path} in a browser\n`);
  }
}
