import type { BuildRecord } from '../src/index.ts';
import { recordOf } from './record-of.ts';

/** A build with something of everything. */
export const sample: BuildRecord = recordOf(
  [
    { name: 'plan', kind: 'plan', start: 0, end: 100, cpu: 90 },
    { name: 'bundle:a', kind: 'bundle', start: 100, end: 400, needs: ['plan'], queued: 20, reason: 'a|b.ts <changed>' },
    { name: 'parse', kind: 'parse', start: 110, end: 200, parent: 1 },
    {
      name: 'bundle:b',
      kind: 'bundle',
      start: 100,
      end: 110,
      needs: ['plan'],
      outcome: 'restored',
      saved: 250,
      tier: 'remote',
    },
    {
      name: 'image',
      kind: 'image',
      start: 400,
      end: 450,
      needs: ['bundle:a', 'bundle:b'],
      outcome: 'failed',
      bytes: 12,
    },
  ],
  {
    id: 'b1',
    duration: 460,
    outcome: 'failed',
    labels: { profile: 'fast' },
    machine: { class: 'linux x64, 2 x Some', cores: 2, others: 0.5, pressure: 0.2 },
    sizes: [
      {
        name: 'image',
        bytes: 1000,
        parts: [
          { name: 'base', bytes: 700 },
          { name: 'app', bytes: 200 },
        ],
      },
    ],
  },
);

/** Builds of so many steps, each needing three before it. */
export function largeRecord(steps: number, at = 0): BuildRecord {
  return recordOf(
    Array.from({ length: steps }, (_, step) => ({
      name: `bundle:tools/some_tool_of_a_server_${step}`,
      kind: 'bundle',
      start: Math.floor(step / 8) * 60 + (at % 7),
      end: Math.floor(step / 8) * 60 + 10 + ((step * 7919 + at * 31) % 49),
      needs: [8, 56, 800].flatMap((by) => (step >= by ? [`bundle:tools/some_tool_of_a_server_${step - by}`] : [])),
      outcome: step % 3 === 0 ? ('fresh' as const) : ('ran' as const),
      saved: step % 3 === 0 ? 120 : 0,
      reason: step % 3 === 0 ? 'nothing changed' : `tools/some_tool_of_a_server_${step}.ts changed`,
      cpu: 5 + ((step * 31 + at) % 40),
    })),
    { id: `large-${at}`, started: 1_795_000_000_000 + at * 60_000, concurrency: 8 },
  );
}
