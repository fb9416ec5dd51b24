import { describe, expect, it } from 'vitest';
import { readTurboSummary, type TurboTask } from '../scripts/turbo-summary.ts';

const task = (
  taskId: string,
  dependencies: readonly string[],
  times?: readonly [number, number],
  facts = {},
): TurboTask => ({
  taskId,
  task: taskId.split('#')[1] ?? taskId,
  command: times === undefined ? '<NONEXISTENT>' : 'tsc',
  dependencies,
  cache: { status: 'MISS', timeSaved: 0 },
  ...(times !== undefined && { execution: { startTime: times[0], endTime: times[1], exitCode: 0 } }),
  ...facts,
});

describe('readTurboSummary', () => {
  it('makes a record of what ran, with needs through the tasks that have no command', () => {
    const hit = { cache: { status: 'HIT', source: 'REMOTE', timeSaved: 900 } };
    const tasks = [
      task('cli#test', ['cli#sources'], [1100, 1900]),
      task('cli#sources', ['oci#sources', 'oci#build']),
      task('oci#sources', []),
      task('oci#build', [], [1000, 1010], hit),
    ];
    const execution = { startTime: 990, endTime: 2000, exitCode: 0 };
    const record = readTurboSummary({ id: 'r', turboVersion: '2', execution, tasks }, { name: 'n', concurrency: 2 });
    expect(record).toMatchObject({ version: 1, started: 990, duration: 1010, outcome: 'succeeded', concurrency: 2 });
    expect(record.spans).toEqual([
      {
        name: 'oci#build',
        kind: 'build',
        start: 10,
        end: 20,
        outcome: 'restored',
        needs: [],
        saved: 900,
        tier: 'remote',
        reason: 'nothing changed',
      },
      {
        name: 'cli#test',
        kind: 'test',
        start: 110,
        end: 910,
        outcome: 'ran',
        needs: ['oci#build'],
        reason: 'not in the cache',
      },
    ]);
  });

  it('is failed where a task is', () => {
    const execution = { startTime: 0, endTime: 5, exitCode: 1 };
    const { outcome } = readTurboSummary(
      { id: 'r', turboVersion: '2', tasks: [task('a#test', [], [0, 5], { execution })] },
      { name: 'n', concurrency: 1 },
    );
    expect(outcome).toBe('failed');
  });
});
