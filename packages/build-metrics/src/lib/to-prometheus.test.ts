import { describe, expect, it } from 'vitest';
import { recordOf } from '../../test/record-of.ts';
import { sample } from '../../test/sample-record.ts';
import { summarise } from './summarise.ts';
import { toPrometheus } from './to-prometheus.ts';

describe('toPrometheus', () => {
  it('gives seconds and counts, each with its help and type', () => {
    const lines = toPrometheus(summarise(sample)).split('\n');
    expect(lines).toContain('# TYPE build_duration_seconds gauge');
    expect(lines).toContain('build_duration_seconds{build="site"} 0.46');
    expect(lines).toContain('build_succeeded{build="site"} 0');
    expect(lines).toContain('build_steps{build="site",outcome="restored"} 1');
    expect(lines).toContain('build_work_seconds{build="site",kind="bundle"} 0.31');
    expect(lines.at(-1)).toBe('');
    for (const line of lines.slice(0, -1)) expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+\{.+\} [\d.e+-]+)$/);
  });

  it('escapes what ends a label', () => {
    expect(toPrometheus(summarise(recordOf([], { name: 'a"\\\nb' })))).toContain('{build="a\\"\\\\\\nb"}');
  });
});
