import { relative } from 'node:path';
import type { StepReport } from '@mcpgen/build-optimizer';
import type { BuildResult } from '../build/build-result.ts';
import type { Output } from '../context.ts';
import { formatBytes, formatDuration, formatTable } from './format.ts';
import { paint } from './style.ts';

/** What a person sees when a build is done: what was done, where things are, and what to do next. */
export function summaryText(output: Output, result: BuildResult, cwd: string): string {
  const lines = [
    stepTable(output, result.steps),
    '',
    ...places(result, cwd),
    '',
    `${paint(output, 'green', 'Built')} ${result.name} in ${formatDuration(result.duration)}${savedText(result.steps)}`,
  ];
  for (const step of result.next)
    lines.push(`  ${paint(output, 'cyan', step.command)}  ${paint(output, 'dim', step.when)}`);
  return `${lines.join('\n')}\n`;
}

/** A line for each kind of step: `bundle`, `describe`, `layer`. */
function stepTable(output: Output, steps: readonly StepReport[]): string {
  const kinds = Map.groupBy(steps, ({ name }) => name.split(':')[0] ?? name);
  const rows = [...kinds].map(([kind, reports]) => {
    const count = (outcome: StepReport['outcome']): string =>
      String(reports.filter((report) => report.outcome === outcome).length || '');
    const ran = reports
      .filter((report) => report.outcome !== 'fresh')
      .reduce((sum, report) => Math.max(sum, report.duration), 0);
    return [kind, count('ran'), count('restored'), count('fresh'), ran === 0 ? '' : formatDuration(ran)];
  });
  const [head = '', ...body] = formatTable(
    [['step', 'ran', 'restored', 'fresh', 'longest'], ...rows],
    new Set([1, 2, 3, 4]),
  ).split('\n');
  return [paint(output, 'dim', head), ...body].join('\n');
}

function places({ server, image, targets, cache }: BuildResult, cwd: string): readonly string[] {
  const here = (path: string): string => relative(cwd, path) || '.';
  const rows = [['server', here(server.directory), `${count(server)}, ${formatBytes(server.bytes)}`]];
  if (image !== undefined)
    rows.push([
      'image',
      here(image.directory),
      `${image.digest.slice(0, 19)}, ${formatBytes(image.size)} (${formatBytes(image.ownSize)} over ${image.base})`,
    ]);
  for (const target of targets)
    rows.push([target.kind, target.kind === 'tar' ? here(target.name) : target.name, target.detail]);
  return formatTable([...rows, ...cacheRows(cache)]).split('\n');
}

/** What came from remote caches and went to one; the table of steps tells of the local one. */
function cacheRows(cache: BuildResult['cache']): readonly (readonly string[])[] {
  const results = (number: number): string => `${number} ${number === 1 ? 'result' : 'results'}`;
  const rows = (cache?.from ?? []).slice(1).map((from) => {
    const saved = from.saved < 1 ? '' : `, ${formatDuration(from.saved)} of work`;
    return ['from cache', from.name, `${results(from.results)} (${formatBytes(from.bytes)}${saved})`];
  });
  const to = cache?.to ?? undefined;
  if (to === undefined) return rows;
  return [...rows, ['to cache', to.name, `${results(to.results)} (${formatBytes(to.bytes)})`]];
}

function count({ tools, resources, prompts }: BuildResult['server']): string {
  const parts = [`${tools} ${tools === 1 ? 'tool' : 'tools'}`];
  if (resources > 0) parts.push(`${resources} ${resources === 1 ? 'resource' : 'resources'}`);
  if (prompts > 0) parts.push(`${prompts} ${prompts === 1 ? 'prompt' : 'prompts'}`);
  return parts.join(', ');
}

function savedText(steps: readonly StepReport[]): string {
  const saved = steps.reduce((sum, step) => sum + step.saved, 0);
  return saved < 1 ? '' : `, ${formatDuration(saved)} saved by what had not changed`;
}
