// Makes the fixture of the regression tests: equal work over and over, on a machine that is busy with other things.
//   node test/noise/record-noise.ts RUNS PAUSE_MS >> test/noise/longer-runs.jsonl
// A line is one run: steps of about a second of CPU each, what each of them took, and what the machine was doing meanwhile.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';

const [runs = '100', gap = '8000'] = process.argv.slice(2);
const text = Array.from({ length: 60_000 }, (_, at) => `{"id":${at},"name":"tool ${(at * 7919) % 1009}"}`).join(',\n');
const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 7 } };

/** Computing, memory, the allocator, and two processes of their own: one that fills maps, one that compiles. */
const works: Readonly<Record<string, () => unknown>> = {
  parse: () => repeat(54, () => JSON.stringify(JSON.parse(`[${text}]`)).length),
  compress: () => repeat(24, () => brotliCompressSync(text, quality).length),
  hash: () => repeat(900, () => createHash('sha256').update(text).digest('hex').length),
};
const children: Readonly<Record<string, string>> = {
  maps: `const words = new Map(); for (let at = 0; at < 10_000_000; at++) words.set('w' + (at % 40_000), at);`,
  compile: `
    const ts = require(${JSON.stringify(fileURLToPath(import.meta.resolve('typescript')))});
    ts.createProgram(['none.ts'], { lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'], types: [] }).getSemanticDiagnostics();`,
};

for (let run = 0; run < Number(runs); run += 1) {
  const begun = machine();
  const steps = Object.fromEntries([
    ...Object.entries(works).map(([name, work]) => [name, measure(work)] as const),
    ...Object.entries(children).map(([name, program]) => [name, measureChild(program)] as const),
  ]);
  const own = Object.values(steps).reduce((sum, { cpu }) => sum + cpu, 0);
  const line = { steps, ...between(begun, own), cores: availableParallelism(), load: round(loadavg()[0] ?? 0) };
  process.stdout.write(`${JSON.stringify(line)}\n`);
  await pause(Number(gap) * (0.5 + Math.random()));
}

function measure(work: () => unknown) {
  const begun = machine();
  const cpu = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(cpu);
  const used = (user + system) / 1000;
  return { ...between(begun, used), cpu: round(used) };
}

function measureChild(program: string) {
  const begun = machine();
  const told = `${program}; const { user, system } = process.cpuUsage(); console.log((user + system) / 1000)`;
  const cpu = Number(execFileSync(process.execPath, ['-e', told], { encoding: 'utf8' }));
  return { ...between(begun, cpu), cpu: round(cpu) };
}

/** Time, the share of it in which some thread of the machine waited for a core, and the cores that others kept busy. */
function between(begun: ReturnType<typeof machine>, own: number) {
  const now = machine();
  const wall = now.time - begun.time;
  return {
    wall: round(wall),
    pressure: round((now.stalled - begun.stalled) / wall),
    others: round((now.busy - begun.busy - own) / wall),
  };
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
