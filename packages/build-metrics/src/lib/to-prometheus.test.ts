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
    expect(lines).toContain('build_tier_saved_seconds{build="site",tier="remote"} 0.25');
    expect(lines.at(-1)).toBe('');
    for (const line of lines.slice(0, -1)) expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+\{.+\} [\d.e+-]+)$/);
  });

  it('is what a reader of the format takes: names, labels and one type for each, told before its samples', () => {
    const hostile = 'a"b\\c\nd{},=é';
    const text = toPrometheus(
      summarise(recordOf([{ name: 's', kind: hostile, start: 0, end: 1500 }], { name: hostile })),
    );
    const families = parsePrometheus(text);
    expect(families.get('build_work_seconds')).toEqual([{ labels: { build: hostile, kind: hostile }, value: 1.5 }]);
    expect([...families.keys()]).toContain('build_duration_seconds');
  });

  it('escapes what ends a label', () => {
    expect(toPrometheus(summarise(recordOf([], { name: 'a"\\\nb' })))).toContain('{build="a\\"\\\\\\nb"}');
  });
});

/** A reader by the letter of https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details */
function parsePrometheus(text: string) {
  expect(text.endsWith('\n')).toBe(true);
  const families = new Map<string, { labels: Record<string, string>; value: number }[]>();
  for (const line of text.slice(0, -1).split('\n')) {
    const [, type] = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (?:counter|gauge|histogram|summary|untyped)$/.exec(line) ?? [];
    if (type !== undefined) {
      expect(families.has(type)).toBe(false);
      families.set(type, []);
      continue;
    }
    if (line.startsWith('# HELP ')) continue;
    const [, name = '', inside = '', value = ''] = /^([a-zA-Z_:]\w*)\{(.*)\} (\S+)$/.exec(line) ?? [];
    const pairs = [...inside.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\[\\"n])*)"(?:,|$)/g)];
    expect(pairs.map(([pair]) => pair).join('')).toBe(inside);
    const signs: Record<string, string> = { '\\n': '\n', '\\"': '"', '\\\\': '\\' };
    const labels = Object.fromEntries(
      pairs.map(([, key = '', raw = '']) => [key, raw.replaceAll(/\\[\\"n]/g, (sign) => signs[sign] ?? sign)]),
    );
    expect(Number.isFinite(Number(value)), line).toBe(true);
    families.get(name)?.push({ labels, value: Number(value) });
    expect(families.has(name), line).toBe(true);
  }
  return families;
}
