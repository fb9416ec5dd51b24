import { describe, expect, it } from 'vitest';
import { budgetSettings } from './budget-settings.ts';

describe('budgetSettings', () => {
  it('reads amounts, alone or to warn and to fail', () => {
    const settings = budgetSettings({
      buildTime: '30s',
      serverStart: { warn: 200, fail: '1s' },
      steps: { bundle: '2s' },
      imageSize: { warn: '80MB' },
      layers: { app: 1000, '*': '5MB' },
      tools: { 'folder/echo': '10kB' },
    });
    expect(settings).toEqual({
      duration: 30_000,
      serverStart: { warn: 200, fail: 1000 },
      steps: { bundle: 2000 },
      bytes: {
        imageSize: { warn: 80_000_000 },
        'layers/app': 1000,
        'layers/*': 5_000_000,
        'tools/folder/echo': 10_000,
      },
    });
  });

  it('lets flags win over the configuration, one by one', () => {
    const budget = ['imageSize=9MB', 'steps.bundle:tools/a=b=1s', 'layers.app=2kB'];
    expect(budgetSettings({ imageSize: '1MB', buildTime: '1s' }, { budget })).toEqual({
      duration: 1000,
      steps: { 'bundle:tools/a=b': 1000 },
      bytes: { imageSize: 9_000_000, 'layers/app': 2000 },
    });
  });

  it('warns only, or says nothing, where it is asked to', () => {
    const config = { buildTime: '3s', imageSize: { warn: 10, fail: 20 }, serverSize: { fail: 5 } };
    expect(budgetSettings(config, { overBudget: 'warn' })).toEqual({
      duration: { warn: 3000 },
      steps: {},
      bytes: { imageSize: { warn: 10 }, serverSize: { warn: 5 } },
    });
    expect(budgetSettings(config, { overBudget: 'ignore' })).toBeUndefined();
  });

  it('is nothing where nothing is asked for', () => {
    expect(budgetSettings()).toBeUndefined();
    expect(budgetSettings({}, { overBudget: 'fail', budget: [] })).toBeUndefined();
  });

  it.each([
    ['imageSize', 'expected buildTime, steps.NAME'],
    ['imageSize.app=1MB', 'expected buildTime'],
    ['layers=1MB', 'expected buildTime'],
    ['layers.=1MB', 'expected buildTime'],
    ['constructor=1MB', 'expected buildTime'],
    ['imageSize=big', 'expected a size'],
    ['buildTime=80MB', 'expected a time'],
    ['', 'expected buildTime'],
  ])('refuses the flag "%s"', (flag, message) => {
    expect(() => budgetSettings({}, { budget: [flag] })).toThrow(message);
    // Also where it would be ignored.
    expect(() => budgetSettings({}, { budget: [flag], overBudget: 'ignore' })).toThrow(message);
  });
});
