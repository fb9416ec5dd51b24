import { formatTime } from './format.ts';
import type { BuildSummary } from './summarise.ts';

const LISTED = 10;

/** A build as Markdown: for a pull request, or for GitHub's `$GITHUB_STEP_SUMMARY`. */
export function toMarkdown(summary: BuildSummary): string {
  const { name, outcome, duration, saved, queued, criticalPath, bottlenecks, changes, advice } = summary;
  const { ran, restored, fresh, failed } = summary.outcomes;
  const saves = new Map(bottlenecks.map((each) => [each.name, each.saves]));
  const slowest = summary.steps.toSorted((a, b) => b.duration - a.duration).slice(0, LISTED);
  const steps = slowest.map((step) => [
    `\`${escapeText(step.name)}\`${step.critical ? ' ●' : ''}`,
    formatTime(step.duration),
    step.tier === undefined ? step.outcome : `${step.outcome} (${escapeText(step.tier)})`,
    formatTime(saves.get(step.name) ?? 0),
    escapeText(step.reason ?? ''),
  ]);
  const told = changes.map(({ name: step, verdict, before, after }) => {
    return `- \`${escapeText(step)}\` became ${verdict}: ${formatTime(before)} → ${formatTime(after)}`;
  });
  return [
    `### Build of ${escapeText(name)}: ${outcome} in ${formatTime(duration)}`,
    '',
    `${ran} ran, ${restored} restored, ${fresh} fresh, ${failed} failed; ${formatTime(saved)} saved, ${formatTime(queued)} waited for workers. The critical path (●) takes ${formatTime(criticalPath.duration)}.`,
    '',
    ...(told.length > 0 ? [...told, ''] : []),
    ...(advice.length > 0 ? [...advice.map(({ message }) => `- ${escapeText(message)}`), ''] : []),
    ...table(['slowest steps', 'time', 'outcome', 'build without it saves', 'why'], steps),
    '',
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(['---', '--:', '---', '--:', '---']), ...rows.map(line)];
}

/** Names come from files of a pull request: they end no cell and begin no tag. */
function escapeText(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ').replaceAll(/[|\\`*[\]<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
