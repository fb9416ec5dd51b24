// Makes the fixture of the regression tests: equal work over and over, on a machine that is busy with other things.
//   node test/noise/record-noise.ts RUNS PAUSE_MS >> test/noise/equal-runs.jsonl
// A line is one run: three steps of about a second of work each (wall and CPU time), and what the machine was doing.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { brotliCompressSync, constants } from 'node:zlib';

const [runs = '100', gap = '2000'] = process.argv.slice(2);
const text = Array.from({ length: 60_000 }, (_, at) => `{"id":${at},"name":"tool ${(at * 7919) % 1009}"}`).join(',\n');
const works = {
  parse: () => repeat(36, () => JSON.stringify(JSON.parse(`[${text}]`)).length),
  compress: () => repeat(6, () => brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 7 } }).length),
  hash: () => repeat(560, () => createHash('sha256').update(text).digest('hex').length),
};

/** The program of a child process: what a compiler does, code and memory of its own. */
const child = `
  const started = performance.now();
  const words = new Map();
  for (let at = 0; at < 3_000_000; at++) words.set('w' + (at % 40_000), at);
  const { user, system } = process.cpuUsage();
  console.log(JSON.stringify({ wall: performance.now() - started, cpu: (user + system) / 1000 }));
`;

if (runs === 'calibrate') {
  for (const [name, work] of Object.entries(works)) process.stderr.write(`${name} ${JSON.stringify(measure(work))}\n`);
  process.exit();
}
for (let run = 0; run < Number(runs); run += 1) {
  const before = machine();
  const steps = {
    parse: measure(works.parse),
    compress: measure(works.compress),
    hash: measure(works.hash),
    child: JSON.parse(execFileSync(process.execPath, ['-e', child], { encoding: 'utf8' })),
  };
  const after = machine();
  const wall = after.time - before.time;
  const own = Object.values(steps).reduce((sum, { cpu }) => sum + cpu, 0);
  const line = {
    steps,
    wall: round(wall),
    /** Share of the time in which some thread of the machine waited for a core. */
    pressure: round((after.stalled - before.stalled) / wall),
    /** Cores that others kept busy. */
    others: round((after.busy - before.busy - own) / wall),
    cores: availableParallelism(),
    load: round(loadavg()[0] ?? 0),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
  await pause(Number(gap));
}

function measure(work: () => void) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  work();
  const { user, system } = process.cpuUsage(cpu);
  return { wall: round(performance.now() - start), cpu: round((user + system) / 1000) };
}

function machine() {
  const pressure = /^some .*total=(\d+)/m.exec(readFileSync('/proc/pressure/cpu', 'utf8'))?.[1];
  const busy = cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0);
  return { time: performance.now(), stalled: Number(pressure) / 1000, busy };
}

function repeat(times: number, work: () => number) {
  let sum = 0;
  for (let at = 0; at < times; at += 1) sum += work();
  return sum;
}

function round(value: number) {
  return Math.round(value * 1000) / 1000;
}
