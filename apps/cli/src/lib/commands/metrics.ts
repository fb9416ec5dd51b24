import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type BuildRecord, compareRecords, findTrends, readRecords, summarise } from '@mcpgen/build-metrics';
import type { BudgetFlags } from '../build/budgets/budget-settings.ts';
import { budgetsOfRecord } from '../build/budgets/budgets-of-build.ts';
import { buildPaths } from '../build/build-paths.ts';
import { type BuildSettings, resolveSettings } from '../build/settings.ts';
import { loadConfig } from '../config/load-config.ts';
import type { CliContext } from '../context.ts';
import { projectMissing, runUnknown } from '../errors.ts';
import { exitCodes } from '../exit-code.ts';
import { budgetFailure } from '../report/budget-failure.ts';
import type { Done } from '../report/envelope.ts';
import { comparisonTable, runsTable, summaryTable, trendTable } from '../report/metrics-tables.ts';
import { readSizes } from '../report/read-sizes.ts';
import { settle } from '../report/settle.ts';
import { writeViews } from './metrics-views.ts';

export interface MetricsFlags extends BudgetFlags {
  readonly json: boolean;
  readonly config?: string;
  readonly runs: boolean;
  readonly trend: boolean;
  readonly markdown: boolean;
  readonly open: boolean;
  readonly compare?: string;
  readonly html?: string;
  readonly trace?: string;
  readonly otlp?: string;
  readonly prometheus?: string;
  readonly assert: boolean;
}

/** `mcpgen metrics`: where the time of the last build went, and how it compares with those before. */
export async function metrics(this: CliContext, flags: MetricsFlags, ...rest: readonly string[]): Promise<void> {
  await settle(this, flags.json, async () => {
    // `--compare A B`: the second run is a word of its own.
    const [other, directory = '.'] = flags.compare === undefined ? [undefined, ...rest] : [rest[0] ?? '1', rest[1]];
    const project = resolve(this.directory, directory);
    if (!existsSync(project)) throw projectMissing(project);
    const settings = await settingsOf(this, project, flags);
    const history = await readHistory(this, buildPaths(settings).history);
    if (history.length === 0) return nothingYet(flags);
    if (flags.runs) return listRuns(this, history);
    if (flags.compare !== undefined) {
      return compare(this, findRun(history, flags.compare), findRun(history, other ?? '1'));
    }
    if (flags.trend) return showTrend(this, history);
    return showLast(this, history, { flags, settings });
  });
}

async function settingsOf(
  { directory: cwd }: CliContext,
  project: string,
  { config: file, budget, overBudget }: MetricsFlags,
): Promise<BuildSettings> {
  const { config } = await loadConfig(project, { file, cwd });
  const flags = { ...(budget !== undefined && { budget }), ...(overBudget !== undefined && { overBudget }) };
  return resolveSettings(project, { cwd, flags, config });
}

async function readHistory(context: CliContext, directory: string): Promise<readonly BuildRecord[]> {
  const { records, skipped } = await readRecords(directory);
  for (const { file, line, reason } of skipped) {
    context.process.stderr.write(`Left out ${file}:${line}: ${reason}\n`);
  }
  return records;
}

/** Nothing to assert anything of is no success. */
function nothingYet({ assert }: MetricsFlags): Done {
  const next = [{ command: 'mcpgen build', when: 'to measure a build' }];
  return {
    code: 'NO_BUILDS',
    message: 'No build has been measured yet',
    output: 'No build has been measured yet',
    next,
    ...(assert && { exitCode: exitCodes.failed }),
  };
}

function listRuns({ process: { stdout } }: CliContext, history: readonly BuildRecord[]): Done {
  const runs = history.map(({ spans, ...run }, at) => ({ number: history.length - at, ...run, steps: spans.length }));
  const message = `${runs.length} builds`;
  return { code: 'METRICS_RUNS', message, data: { runs }, output: runsTable(history, stdout) };
}

function compare({ process: { stdout } }: CliContext, before: BuildRecord, after: BuildRecord): Done {
  const comparison = compareRecords(before, after);
  return {
    code: 'METRICS_COMPARED',
    message: `Compared ${before.id} with ${after.id}`,
    data: { before: before.id, after: after.id, comparison },
    output: comparisonTable(comparison, stdout),
  };
}

function showTrend({ process: { stdout } }: CliContext, history: readonly BuildRecord[]): Done {
  const { runs, steps } = findTrends(history);
  return {
    code: 'METRICS_TREND',
    message: `Looked at ${runs.length} builds that are alike`,
    data: { runs: runs.map(({ id, started, duration }) => ({ id, started, duration })), steps },
    output: trendTable({ runs, steps }, stdout),
  };
}

/** The latest, in every form that is asked for. */
async function showLast(
  context: CliContext,
  history: readonly BuildRecord[],
  { flags, settings }: { readonly flags: MetricsFlags; readonly settings: BuildSettings },
): Promise<Done> {
  const last = findRun(history, '1');
  // Builds of other profiles keep what they know elsewhere.
  const paths = buildPaths(settings, last.labels.profile);
  const latest = { ...last, sizes: readSizes(paths) };
  const summary = summarise(latest, history);
  const views = await writeViews(context, { latest, history, summary, flags });
  const budgets = flags.assert ? await budgetsOfRecord(context, latest, { settings, paths }) : [];
  return {
    code: 'METRICS',
    message: `${latest.outcome} in ${Math.round(latest.duration)} ms`,
    data: { summary, files: views.files, ...(flags.assert && { budgets }) },
    output: views.output ?? summaryTable(summary, context.process.stdout),
    ...budgetFailure(budgets),
  };
}

/** By number, 1 the latest, or by the beginning of the id. */
function findRun(history: readonly BuildRecord[], name: string): BuildRecord {
  const found = /^\d{1,4}$/.test(name) ? history.at(-Number(name)) : history.find(({ id }) => id.startsWith(name));
  if (found === undefined) throw runUnknown(name, history.length);
  return found;
}
