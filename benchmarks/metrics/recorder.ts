import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRecorder, openJournal, type Recorder } from '@mcpgen/build-metrics';
import type { Measurement } from '../lib/benchmark.ts';
import { report } from '../lib/report.ts';

/** What a span costs the build that it measures, and what the package costs a process at its start. CPU time. */

const SPANS = 20_000;
const scratch = mkdtempSync(join(tmpdir(), 'mcpgen-metrics-'));
const facts = { id: 'b', name: 'benchmark', started: 0, concurrency: 2 };
const now = () => performance.now();
const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const recorders = {
  'an object of two clock readings': bare,
  recorder: () => createRecorder({ now }),
  'recorder with a journal': () => createRecorder({ now, journal: openJournal(scratch, facts) }),
  'recorder with CPU shares': () => createRecorder({ now, cpu }),
  'recorder as mcpgen uses it': () => createRecorder({ now, cpu, journal: openJournal(scratch, facts) }),
};
type Variant = keyof typeof recorders;

const span: Measurement = {
  name: 'a span',
  unit: 'us',
  variants: Object.keys(recorders),
  rounds: 15,
  measure: async (variant) => (cpuOf(() => spans(recorders[variant as Variant]())) * 1000) / SPANS,
  targets: [
    { variant: 'recorder', kind: 'value', atMost: 0.5 },
    { variant: 'recorder with a journal', kind: 'value', atMost: 0.5 },
    { variant: 'recorder with CPU shares', kind: 'value', atMost: 0.5 },
    { variant: 'recorder as mcpgen uses it', kind: 'value', atMost: 0.5 },
  ],
};

const imports = ['node:fs', 'node:fs/promises', 'node:path', 'node:os'];
// By path: to find a package by its name costs Node 3 ms, whatever is in it.
const built = new URL('../../packages/build-metrics/dist/index.js', import.meta.url).href;
const empty = 'data:text/javascript,export const a = 1';

const start: Measurement = {
  name: 'a process that imports it',
  unit: 'ms',
  variants: ['what any build loads', 'build-metrics'],
  rounds: 15,
  measure: async (variant) => processCpu(variant === 'build-metrics' ? [...imports, built] : [...imports, empty]),
  targets: [{ variant: 'build-metrics', kind: 'difference', atMost: 3 }],
};

try {
  // Compiled before it is measured.
  for (const make of Object.values(recorders)) for (let at = 0; at < 5; at += 1) spans(make());
  await report('Recording', [span, start]);
} finally {
  rmSync(scratch, { recursive: true });
}

function spans(recorder: Pick<Recorder, 'start' | 'end'>): void {
  const needs = ['a'];
  for (let at = 0; at < SPANS; at += 1) recorder.end(recorder.start('bundle:tool', { needs }), { bytes: at });
}

function bare(): Pick<Recorder, 'start' | 'end'> {
  const all: { start: number; end: number }[] = [];
  return {
    start: () => all.push({ start: now(), end: 0 }) - 1,
    end: (handle) => {
      const found = all[handle];
      if (found !== undefined) found.end = now();
    },
  };
}

function cpuOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** CPU time of a process of its own that imports these modules. */
function processCpu(modules: readonly string[]): number {
  const tell = 'const { user, system } = process.cpuUsage(); process.stdout.write(String((user + system) / 1000));';
  const code = modules.map((name) => `import ${JSON.stringify(name)};`).join('');
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', code + tell], { encoding: 'utf8' }));
}
