import type { StepOutput, StepReport } from '@mcpgen/build-optimizer';
import type { Source } from '@mcpgen/generator';
import { describe, expect, it } from 'vitest';
import { definitionWarnings } from './definition-warnings.ts';

function output(warnings: readonly string[]): StepOutput {
  return { digest: `sha256:${'0'.repeat(64)}`, directory: '/', files: [], value: { kind: 'tool', warnings } };
}

function report(name: string, outcome: StepReport['outcome']): StepReport {
  return { name, outcome, reason: '', duration: 0, start: 0, queued: 0, saved: 0, needs: [] };
}

describe('definitionWarnings', () => {
  it('names the file of each, and tells what the last build has said already', () => {
    const sources = ['a', 'b', 'c'].map((name): Source => ({ kind: 'tool', name, file: `tools/${name}.ts` }));
    const outputs = new Map([
      ['describe:tool/a', output(['one', 'two'])],
      ['describe:tool/b', output([])],
      ['describe:tool/c', output(['three'])],
    ]);
    const reports = [report('describe:tool/a', 'fresh'), report('describe:tool/c', 'restored')];
    expect(definitionWarnings(sources, { outputs, reports })).toEqual([
      { file: 'tools/a.ts', message: 'tools/a.ts: one', known: true },
      { file: 'tools/a.ts', message: 'tools/a.ts: two', known: true },
      { file: 'tools/c.ts', message: 'tools/c.ts: three', known: false },
    ]);
  });
});
