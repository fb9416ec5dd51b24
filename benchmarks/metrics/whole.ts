import { createRecorder, type Recorder, summarise } from '@mcpgen/build-metrics';
import { renderPage } from '@mcpgen/build-metrics/page';
import type { Measurement } from '../lib/benchmark.ts';
import { report } from '../lib/report.ts';

/** All that metrics cost a build of 2,000 steps: recording, analysis with 50 earlier builds, the page. CPU time. */

const STEPS = 2000;
const history = Array.from({ length: 50 }, (_, at) => recordOf(recorded(), at));

const whole: Measurement = {
  name: 'record, analyse and render 2,000 steps, 50 builds before',
  unit: 'ms',
  variants: ['build-metrics'],
  rounds: 8,
  measure: async () => cpuOf(() => renderPage(recordOf(recorded(), 99), { history })),
  targets: [{ variant: 'build-metrics', kind: 'value', atMost: 1000 }],
};
const parts: readonly Measurement[] = [
  { ...part('record'), measure: async () => cpuOf(() => recordOf(recorded(), 99)) },
  { ...part('analyse'), measure: async () => cpuOf(() => summarise(recordOf(recorded(), 99))) },
  { ...part('render'), measure: async () => cpuOf(() => renderPage(recordOf(recorded(), 99))) },
];
await report('Metrics of a build', [whole, ...parts]);

function part(name: string): Omit<Measurement, 'measure'> {
  return { name: `to ${name}, no builds before`, unit: 'ms', variants: ['build-metrics'], rounds: 8 };
}

/** A clock of its own: the steps take their time without anyone waiting. */
function recorded(): Recorder {
  let time = 0;
  const recorder = createRecorder({ now: () => time });
  for (let step = 0; step < STEPS; step += 1) {
    const needs = [8, 56, 800].flatMap((by) => (step >= by ? [`bundle:tools/tool_${step - by}`] : []));
    const span = recorder.start(`bundle:tools/tool_${step}`, { needs });
    time += 10 + ((step * 7919) % 97);
    recorder.end(span, { cpu: 5 + ((step * 31) % 90), bytes: step * 10, reason: `tools/tool_${step}.ts changed` });
  }
  return recorder;
}

function recordOf(recorder: Recorder, at: number) {
  return recorder.record({ id: `${at}`, name: 'large', started: at * 1000, concurrency: 8 });
}

function cpuOf(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
