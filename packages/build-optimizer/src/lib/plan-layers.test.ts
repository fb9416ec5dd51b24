import { describe, expect, it } from 'vitest';
import { planLayers } from './plan-layers.ts';

function serverOf(tools: number): readonly string[] {
  const names = Array.from({ length: tools }, (_, index) => `tool-${index}`);
  return [
    'runtime',
    'deps',
    'bundle:lib/money',
    ...names.map((name) => `bundle:tools/${name}`),
    ...names.map((name) => `describe:tool/${name}`),
    ...names.map((name) => `validator:tool/${name}`),
    'render',
  ];
}

describe('planLayers', () => {
  it('makes one layer of a small server, and one of its packages', () => {
    expect(planLayers(serverOf(1)).map(({ name, holds }) => [name, holds])).toEqual([
      ['layer:deps', ['runtime', 'deps']],
      ['layer:app', ['bundle:lib/money', 'bundle:tools/tool-0', 'validator:tool/tool-0', 'render']],
    ]);
  });

  it('gives packages that cannot be bundled a layer of their own', () => {
    expect(planLayers(['runtime', 'native', 'render']).map(({ name }) => name)).toEqual([
      'layer:native',
      'layer:deps',
      'layer:app',
    ]);
  });

  it('divides a large server, each step in one part, and keeps what changes always apart', () => {
    const steps = serverOf(1000);
    const groups = planLayers(steps);
    expect(groups.map(({ name }) => name)).toEqual([
      'layer:deps',
      ...Array.from({ length: 16 }, (_, part) => `layer:app/${part}`),
      'layer:app',
    ]);
    expect(groups.at(-1)?.holds).toEqual(['render']);
    expect(groups.flatMap(({ holds }) => holds).toSorted()).toEqual(
      steps.filter((step) => !step.startsWith('describe:')).toSorted(),
    );
    for (const { holds } of groups.slice(1, -1)) expect(holds.length).toBeLessThan(200);
  });

  it('lays a tool and its validator in one part', () => {
    for (const { holds } of planLayers(serverOf(300))) {
      const modules = holds.filter((step) => step.startsWith('bundle:tools/')).map((step) => step.split('/').at(-1));
      const validators = holds.filter((step) => step.startsWith('validator:')).map((step) => step.split('/').at(-1));
      expect(modules).toEqual(validators);
    }
  });

  it('leaves the parts of other steps as they are when a tool is added', () => {
    const before = planLayers(serverOf(100));
    const after = planLayers([...serverOf(100), 'bundle:tools/other']);
    const changed = after.filter(({ holds }, index) => holds.join() !== before[index]?.holds.join());
    expect(changed).toHaveLength(1);
  });
});
