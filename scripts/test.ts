/**
 * The whole test run: `pnpm test`. Formatting and lint, type check and tests of every package through Turborepo, which
 * skips what has not changed, and the rules about the repository itself. Arguments go to Turborepo:
 * `pnpm test --filter=@mcpgen/oci`, `pnpm test --force`.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { type Count, countOf, formatCount, readCount, sumCounts } from './count.ts';
import { root, run, turboEnv } from './run.ts';
import { readFailures, readRetried } from './vitest-log.ts';

interface Stage {
  readonly name: string;
  readonly count: Count;
  readonly remarks: readonly string[];
}

const noTests: Count = { passed: 0, failed: 0 };
const stages = [await lint(), ...(await testPackages(process.argv.slice(2))), await testRules()];
const total = sumCounts(stages.map((stage) => stage.count));
console.log();
for (const { name, count, remarks } of stages) {
  console.log(`${name.padEnd(12)}${formatCount(count)}`);
  for (const remark of remarks) console.log(`${' '.repeat(12)}${remark}`);
}
console.log(formatCount(total));
process.exitCode = total.failed === 0 ? 0 : 1;

async function lint(): Promise<Stage> {
  const { exitCode } = await run('biome', ['check', '.', '--error-on-warnings']);
  const remarks = exitCode === 0 ? [] : ['repair what can be repaired by `pnpm format`'];
  return { name: 'lint', count: exitCode === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }, remarks };
}

async function testRules(): Promise<Stage> {
  const { exitCode, output } = await run('vitest', ['run', '--config', 'vitest.rules.config.ts', '--reporter=dot']);
  return { name: 'rules', count: countOf(exitCode, readCount(output)), remarks: [] };
}

async function testPackages(args: readonly string[]): Promise<readonly Stage[]> {
  const runs = join(root, '.turbo/runs');
  rmSync(runs, { recursive: true, force: true });
  const options = ['--continue', '--summarize', '--ui=stream', '--output-logs=errors-only', '--concurrency=2'];
  const { exitCode } = await run('turbo', ['run', 'typecheck', 'typecheck:rules', 'test', ...options, ...args], {
    env: turboEnv,
  });
  const tasks = readTasks(runs);
  const types = stageOf(
    'types',
    tasks.filter((task) => task.task.startsWith('typecheck')),
    () => noTests,
  );
  const tests = stageOf(
    'tests',
    tasks.filter((task) => task.task === 'test'),
    countTests,
  );
  const isToldBy = types.count.failed + tests.count.failed > 0;
  return isToldBy ? [types, tests] : [types, { ...tests, count: countOf(exitCode, tests.count) }];
}

/** A task as Turborepo's summary of a run has it. */
interface TurboTask {
  readonly task: string;
  readonly package: string;
  readonly command: string;
  readonly logFile: string;
  readonly execution?: { readonly exitCode?: number };
}

function readTasks(runs: string): readonly TurboTask[] {
  const [summary] = existsSync(runs) ? readdirSync(runs) : [];
  if (summary === undefined) return [];
  const { tasks } = JSON.parse(readFileSync(join(runs, summary), 'utf8')) as { tasks: readonly TurboTask[] };
  return tasks.filter((task) => task.command !== '<NONEXISTENT>');
}

/** One check for a task without tests of its own, else its tests. */
function stageOf(name: string, tasks: readonly TurboTask[], count: (task: TurboTask) => Count): Stage {
  const counts = tasks.map((task) => {
    const exitCode = task.execution?.exitCode ?? 1;
    const tests = count(task);
    return tests.passed + tests.failed === 0 && exitCode === 0 ? { passed: 1, failed: 0 } : countOf(exitCode, tests);
  });
  const remarks = tasks.flatMap((task, index) => remarksOf(task, counts[index]?.failed !== 0));
  return { name, count: sumCounts(counts), remarks };
}

/** What is worth reading once more at the end: what failed and how, and what passed only the second time. */
function remarksOf(task: TurboTask, failed: boolean): readonly string[] {
  const log = readLog(task);
  const again = readRetried(log).map((test) => `passed when run again: ${task.package}: ${test}`);
  return failed ? [...again, `failed: ${task.package}`, ...readFailures(log)] : again;
}

function countTests(task: TurboTask): Count {
  return readCount(readLog(task));
}

function readLog(task: TurboTask): string {
  const log = join(root, task.logFile);
  return existsSync(log) ? stripVTControlCharacters(readFileSync(log, 'utf8')) : '';
}
