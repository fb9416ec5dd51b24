import type { BuildRecord, SpanRecord } from '../packages/build-metrics/src/index.ts';

/** What Turborepo writes with `--summarize`, as far as it is read here. */
export interface TurboSummary {
  readonly id: string;
  readonly turboVersion: string;
  readonly execution?: { readonly startTime: number; readonly endTime: number; readonly exitCode: number };
  readonly tasks: readonly TurboTask[];
}

export interface TurboTask {
  readonly taskId: string;
  readonly task: string;
  readonly command: string;
  readonly dependencies: readonly string[];
  readonly cache: { readonly status: string; readonly source?: string; readonly timeSaved: number };
  readonly execution?: { readonly startTime: number; readonly endTime: number; readonly exitCode: number };
}

/** A run of Turborepo as a record. Tasks without a command take no time: who needs them needs what they need. */
export function readTurboSummary(
  { id, turboVersion, execution, tasks }: TurboSummary,
  { name, concurrency }: { readonly name: string; readonly concurrency: number },
): BuildRecord {
  const ran = tasks.filter((task) => task.command !== '<NONEXISTENT>' && task.execution !== undefined);
  const times = ran.flatMap((task) => (task.execution === undefined ? [] : [task.execution]));
  const started = execution?.startTime ?? Math.min(...times.map(({ startTime }) => startTime));
  const ended = execution?.endTime ?? Math.max(started, ...times.map(({ endTime }) => endTime));
  const needsOf = needsThrough(tasks, new Set(ran.map(({ taskId }) => taskId)));
  const spans = ran.map((task) => spanOf(task, { started, needs: needsOf(task.taskId) }));
  return {
    version: 1,
    id,
    name,
    started,
    duration: ended - started,
    outcome: spans.some(({ outcome }) => outcome === 'failed') ? 'failed' : 'succeeded',
    concurrency,
    labels: { turbo: turboVersion },
    spans: spans.sort((a, b) => a.start - b.start),
  };
}

function spanOf(
  { taskId, task, cache, execution }: TurboTask,
  { started, needs }: { readonly started: number; readonly needs: readonly string[] },
): SpanRecord {
  const { startTime = started, endTime = started, exitCode = 0 } = execution ?? {};
  const isHit = cache.status === 'HIT';
  return {
    name: taskId,
    kind: task,
    start: Math.max(0, startTime - started),
    end: Math.max(0, endTime - started),
    outcome: exitCode !== 0 ? 'failed' : isHit ? 'restored' : 'ran',
    needs,
    ...(isHit && { saved: cache.timeSaved, tier: cache.source?.toLowerCase() ?? 'local' }),
    reason: isHit ? 'nothing changed' : 'not in the cache',
  };
}

/** The tasks with a command that a task waits for, through those without. */
function needsThrough(tasks: readonly TurboTask[], real: ReadonlySet<string>): (taskId: string) => readonly string[] {
  const direct = new Map(tasks.map(({ taskId, dependencies }) => [taskId, dependencies]));
  return (taskId) => {
    const needs = new Set<string>();
    const seen = new Set<string>();
    const left = [...(direct.get(taskId) ?? [])];
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      if (real.has(next)) needs.add(next);
      else left.push(...(direct.get(next) ?? []));
    }
    return [...needs].sort();
  };
}
