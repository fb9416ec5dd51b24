import type { BuildSummary } from './summarise.ts';

/**
 * A build as Prometheus text, for a push gateway. Kinds, not steps: a series for each of thousands of names helps nobody.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function toPrometheus({
  name,
  duration,
  outcome,
  kinds,
  outcomes,
  queued,
  saved,
  tiers,
  criticalPath,
}: BuildSummary): string {
  const build = { build: name };
  const bySeconds = (milliseconds: number): number => milliseconds / 1000;
  return [
    ...gauge('build_duration_seconds', 'From the start of the build to its end.', [[build, bySeconds(duration)]]),
    ...gauge('build_succeeded', 'Whether it succeeded.', [[build, outcome === 'succeeded' ? 1 : 0]]),
    ...gauge('build_critical_path_seconds', 'What no number of workers makes shorter.', [
      [build, bySeconds(criticalPath.duration)],
    ]),
    ...gauge('build_queued_seconds', 'Time that steps waited for a slot.', [[build, bySeconds(queued)]]),
    ...gauge('build_saved_seconds', 'Time that kept results saved.', [[build, bySeconds(saved)]]),
    ...gauge(
      'build_steps',
      'Steps by outcome.',
      Object.entries(outcomes).map(([of, count]) => [{ ...build, outcome: of }, count]),
    ),
    ...gauge(
      'build_work_seconds',
      'Time of steps by kind.',
      kinds.map(({ kind, work }) => [{ ...build, kind }, bySeconds(work)]),
    ),
    ...gauge(
      'build_tier_saved_seconds',
      'Time that restored steps saved, by the tier of the cache that had them.',
      tiers.map(({ tier, saved: by }) => [{ ...build, tier }, bySeconds(by)]),
    ),
    '',
  ].join('\n');
}

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

function gauge(name: string, help: string, samples: readonly Sample[]): readonly string[] {
  if (samples.length === 0) return [];
  const lines = samples.map(([labels, value]) => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escapeText(text)}"`);
    return `${name}{${pairs.join(',')}} ${value}`;
  });
  return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...lines];
}

function escapeText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
