import type { BuildRecord, BuildSummary, RecordComparison, Trends } from '@mcpgen/build-metrics';
import type { Output } from '../context.ts';
import { formatDuration, formatTable } from './format.ts';
import { paint } from './style.ts';

/** Lines of a table that a person reads at once. */
const LISTED = 15;
const BAR = 24;

/** The last build: its slowest steps with a bar each, and what there is to say of it. */
export function summaryTable(summary: BuildSummary, output: Output): string {
  const slowest = summary.steps.toSorted((a, b) => b.duration - a.duration).slice(0, LISTED);
  const longest = slowest[0]?.duration ?? 0;
  const rows = slowest.map((step) => [
    `${step.critical ? '●' : ' '} ${step.name}`,
    formatDuration(step.duration),
    bar(step.duration, longest),
    step.tier === undefined ? step.outcome : `${step.outcome} (${step.tier})`,
    step.saved === undefined ? '' : formatDuration(step.saved),
    step.reason ?? '',
  ]);
  const left = summary.steps.length - slowest.length;
  const { outcomes, criticalPath, queued, saved, efficiency, advice, changes } = summary;
  return [
    paint(output, 'bold', `${summary.name}: ${summary.outcome} in ${formatDuration(summary.duration)}`),
    `${outcomes.ran} ran, ${outcomes.restored} restored, ${outcomes.fresh} fresh, ${outcomes.failed} failed`,
    '',
    formatTable([['  step', 'time', '', 'outcome', 'saved', 'why'], ...rows], new Set([1, 4])),
    ...(left > 0 ? [`  and ${left} more`] : []),
    ...savedByTier(summary),
    '',
    `● critical path ${formatDuration(criticalPath.duration)} · ${formatDuration(queued)} waited for workers · ${formatDuration(saved)} saved · workers busy ${percent(efficiency)}`,
    ...changes.map(({ name, verdict, before, after }) =>
      paint(
        output,
        verdict === 'slower' ? 'yellow' : 'green',
        `${name} became ${verdict}: ${formatDuration(before)}, now ${formatDuration(after)}`,
      ),
    ),
    ...advice.map(({ message }) => paint(output, 'cyan', message)),
  ].join('\n');
}

/** What each tier of the cache saved, where there is more than the local one. */
function savedByTier({ tiers }: BuildSummary): readonly string[] {
  if (tiers.every(({ tier }) => tier === 'local')) return [];
  return [
    '',
    ...tiers.map(({ tier, steps, saved }) => `${steps} restored from ${tier}, ${formatDuration(saved)} saved`),
  ];
}

/** All builds, the latest first: its number is what `--compare` takes. */
export function runsTable(history: readonly BuildRecord[], _output: Output): string {
  const longest = Math.max(...history.map(({ duration }) => duration));
  const rows = history
    .toReversed()
    .map((run, at) => [
      String(at + 1),
      new Date(run.started).toISOString().slice(0, 19).replace('T', ' '),
      run.outcome,
      formatDuration(run.duration),
      bar(run.duration, longest),
      run.labels.profile ?? '',
      run.machine?.pressure === undefined ? '' : percent(run.machine.pressure),
      run.id.slice(0, 8),
    ]);
  return formatTable(
    [['', 'began (UTC)', 'outcome', 'time', '', 'profile', 'load', 'id'], ...rows],
    new Set([0, 3, 6]),
  );
}

/** What made the later build slower or faster, and the steps that differ most. */
export function comparisonTable(comparison: RecordComparison, output: Output): string {
  const effects = [
    ['the build', comparison.duration],
    ['work', comparison.work],
    ['cache', comparison.cache],
    ['added and removed steps', comparison.graph],
    ['waiting for workers', comparison.queued],
    ['machine', comparison.machine],
  ] as const;
  const steps = comparison.steps.filter(({ difference }) => Math.abs(difference) >= 0.05).slice(0, LISTED);
  const rows = steps.map(({ name, change, before, after, difference }) => [
    name,
    change,
    formatDuration(before),
    formatDuration(after),
    signed(difference),
  ]);
  return [
    formatTable(
      effects.map(([name, difference]) => [name, signed(difference)]),
      new Set([1]),
    ),
    '',
    formatTable([['step', 'change', 'before', 'after', ''], ...rows], new Set([2, 3, 4])),
    ...(comparison.steps.length > steps.length
      ? [paint(output, 'dim', `${comparison.steps.length - steps.length} more differ less`)]
      : []),
  ].join('\n');
}

/** Each step against the builds before it; `notices` is the change that could be told from noise. */
export function trendTable({ runs, steps }: Trends, output: Output): string {
  const rows = steps
    .slice(0, LISTED)
    .map((step) => [
      step.name,
      step.verdict,
      formatDuration(step.before),
      formatDuration(step.after),
      step.verdict === 'unknown' ? '' : `x ${step.change.toFixed(2)}`,
      Number.isFinite(step.detectable) ? `x ${step.detectable.toFixed(2)}` : '',
      step.measure,
      String(step.runs),
    ]);
  const head = ['step', '', 'usually', 'lately', 'change', 'notices', 'of', 'builds'];
  const few =
    runs.length < 15 ? `\n${paint(output, 'dim', `${runs.length} builds are alike: 15 are needed to judge`)}` : '';
  return formatTable([head, ...rows], new Set([2, 3, 4, 5, 7])) + few;
}

function bar(value: number, longest: number): string {
  const eighths = longest > 0 ? Math.round((value / longest) * BAR * 8) : 0;
  return '█'.repeat(eighths >> 3) + (' ▏▎▍▌▋▊▉'[eighths & 7] ?? '').trim();
}

function signed(milliseconds: number): string {
  return `${milliseconds < 0 ? '-' : '+'}${formatDuration(Math.abs(milliseconds))}`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
