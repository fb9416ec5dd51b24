import { emptyCache } from '@mcpgen/build-cache';
import { planBuild, planLayers, resolveProfile, runPlan, type Step } from '@mcpgen/build-optimizer';
import { temporaryDirectory } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';

describe('@mcpgen/build-optimizer', () => {
  it('plans and runs steps by its public names', async () => {
    await using directory = await temporaryDirectory();
    const step: Step = {
      name: 'greet',
      version: 1,
      needs: [],
      inputs: { options: { minify: resolveProfile('fast').minify } },
      directory: directory.path,
      run: async () => ({ files: [], value: 'hello' }),
    };
    expect(planBuild([step], { state: new Map(), generatorVersion: '1' }).steps).toMatchObject([{ action: 'run' }]);
    const options = { cache: emptyCache({ now: () => 0 }), concurrency: 1, generatorVersion: '1', now: () => 0 };
    const { outputs, state } = await runPlan([step], { ...options, state: new Map() });
    expect(outputs.get('greet')?.value).toBe('hello');
    expect((await runPlan([step], { ...options, state })).reports).toMatchObject([{ outcome: 'fresh' }]);
  });

  it('divides a server into layers', () => {
    expect(planLayers(['runtime', 'render']).map(({ name }) => name)).toEqual(['layer:deps', 'layer:app']);
  });
});
