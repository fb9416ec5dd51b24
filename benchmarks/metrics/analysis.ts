import {
  analyse,
  type BuildRecord,
  compareRecords,
  findCriticalPath,
  findTrends,
  parseRecord,
  type SpanRecord,
  whatIf,
} from '@mcpgen/build-metrics';
import type { Measurement } from '../lib/benchmark.ts';
import { report } from '../lib/report.ts';

/** What it costs to say where a build's time went, for builds larger than most. CPU time. */

const large = buildOf(10_000);
const works: Readonly<Record<string, { readonly work: () => unknown; readonly atMost?: number }>> = {
  'critical path and what-if, 10,000 steps': {
    work: () => pathAndWhatIf({ ...large }),
    atMost: 10,
  },
  'analyse, 2,000 steps': { work: () => analyse(buildOf(2000)) },
  'analyse, 10,000 steps': { work: () => analyse(large) },
  'compare, 10,000 steps': { work: () => compareRecords(large, large) },
  'trends, 60 builds of 500 steps': { work: () => findTrends(Array.from({ length: 60 }, (_, at) => buildOf(500, at))) },
  'parse, 10,000 steps': { work: () => parseRecord(JSON.parse(text)) },
};
const text = JSON.stringify(large);

for (const { work } of Object.values(works)) for (let turn = 0; turn < 5; turn += 1) work();
await report(
  'Analysis',
  Object.entries(works).map(
    ([name, { work, atMost }]): Measurement => ({
      name,
      unit: 'ms',
      variants: ['build-metrics'],
      rounds: 20,
      measure: async () => cpuOf(work),
      ...(atMost !== undefined && { targets: [{ variant: 'build-metrics', kind: 'value', atMost }] }),
    }),
  ),
);

function pathAndWhatIf(record: BuildRecord) {
  return [findCriticalPath(record), whatIf(record, { workers: 8, free: ['s5000'] })];
}

/** Three needs a step, as a build of layers of modules has them. */
function buildOf(steps: number, at = 0): BuildRecord {
  const spans = Array.from({ length: steps }, (_, step): SpanRecord => {
    const needs = [1, 7, 101].flatMap((by) => (step >= by * 3 ? [`s${step - by * 3}`] : []));
    const took = 10 + ((step * 7919 + at * 31) % 97);
    return {
      name: `s${step}`,
      kind: `k${step % 5}`,
      start: step,
      end: step + took,
      outcome: 'ran',
      needs,
      cpu: took / 2,
    };
  });
  return {
    version: 1,
    id: `${at}`,
    name: 'large',
    started: at,
    duration: steps,
    outcome: 'succeeded',
    concurrency: 4,
    labels: {},
    spans,
  };
}

function cpuOf(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
