import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cliRig } from './cli-rig.ts';

const BUILD = ['build', '--no-image', '--no-typecheck'];

interface Budgets {
  readonly budgets: readonly { readonly name: string; readonly level: string; readonly found: number }[];
}

describe('budgets', () => {
  it('fail a build that passes them, whether it builds or finds nothing changed, and say so to people and programs', async () => {
    await using rig = await cliRig();
    await rig.write({ 'mcpgen.config.json': '{"budgets":{"serverSize":"1kB","tools":{"*":{"warn":100}}}}' });
    const first = await rig.run(BUILD);
    expect(first.code).toBe(4);
    expect(first.stderr).toMatch(/warning tools\.echo is [\d.]+ kB: more than its budget of 100 B/);
    expect(first.stderr).toMatch(
      /error serverSize is [\d.]+ kB: more than its budget of 1\.0 kB \[BUDGET_PASSED\]\n {2}try /,
    );
    const again = await rig.run([...BUILD, '--json']);
    const envelope = again.json() as unknown as Budgets & { status: string; code: string; fix: string };
    expect([again.code, envelope.status, envelope.code]).toEqual([4, 'error', 'BUDGET_PASSED']);
    expect(envelope.budgets.filter(({ level }) => level === 'fail')).toMatchObject([
      { name: 'serverSize', unit: 'bytes', limit: 1000 },
    ]);
  });

  it('keep an image that is too large from where it was to go', async () => {
    await using rig = await cliRig();
    const tar = join(rig.directory, 'image.tar');
    const build = ['build', '--profile', 'fast', '--tar', tar, '--json'];
    const large = await rig.run([...build, '--budget', 'imageSize=1MB', '--budget', 'layers.app=1']);
    expect([large.code, existsSync(tar)]).toEqual([4, false]);
    expect((large.json() as unknown as Budgets).budgets.map(({ name }) => name)).toEqual(['imageSize', 'layers.app']);
    const small = await rig.run([...build, '--budget', 'imageSize=1GB', '--budget', 'layers.*=1GB']);
    expect([small.code, existsSync(tar)]).toEqual([0, true]);
  });

  it('are flags, too, which may let a build go on', async () => {
    await using rig = await cliRig();
    const steps = await rig.run([...BUILD, '--budget', 'steps.bundle=0.0001ms', '--budget', 'buildTime=1h', '--json']);
    expect([steps.code, (steps.json() as unknown as Budgets).budgets.map(({ name }) => name)]).toEqual([
      4,
      ['steps.bundle'],
    ]);
    const warned = await rig.run([...BUILD, '--budget', 'serverSize=1', '--over-budget', 'warn']);
    expect([warned.code, warned.stderr]).toEqual([0, expect.stringContaining('warning serverSize is ')]);
    const ignored = await rig.run([...BUILD, '--budget', 'serverSize=1', '--over-budget', 'ignore']);
    expect([ignored.code, ignored.stderr]).toEqual([0, expect.not.stringContaining('serverSize')]);
    const wrong = await rig.run([...BUILD, '--budget', 'serversize=1', '--json']);
    expect([wrong.code, wrong.json().code]).toEqual([2, 'USAGE']);
  });

  it('change nothing of what is built', async () => {
    await using rig = await cliRig();
    await rig.run(BUILD);
    await rig.write({ 'mcpgen.config.json': '{"budgets":{"serverSize":"1GB"}}' });
    await rig.run(BUILD);
    await rig.write({ 'mcpgen.config.json': '{"budgets":{"serverSize":"2GB"}}' });
    const { steps } = (await rig.run([...BUILD, '--json'])).json() as unknown as { steps: { outcome: string }[] };
    expect(new Set(steps.map(({ outcome }) => outcome))).toEqual(new Set(['fresh']));
  });

  it('start the server where there is one for that, and say why it does not start', async () => {
    await using rig = await cliRig();
    const fast = await rig.run([...BUILD, '--budget', 'serverStart=30s']);
    expect(fast.code, fast.stderr).toBe(0);
    const slow = await rig.run([...BUILD, '--budget', 'serverStart=1ms', '--json']);
    const [start] = (slow.json() as unknown as Budgets).budgets;
    expect([slow.code, start?.name, (start?.found ?? 0) > 1]).toEqual([4, 'serverStart', true]);
    await rig.write({ 'dist/server/main.js': 'console.error("no such luck"); process.exit(7)' });
    const broken = await rig.run(['metrics', '--assert', '--budget', 'serverStart=30s', '--json']);
    expect([broken.code, broken.json().code, broken.json().message]).toEqual([
      1,
      'SERVER_NOT_STARTED',
      expect.stringContaining('no such luck'),
    ]);
  });

  it('are asserted of the last build by mcpgen metrics', async () => {
    await using rig = await cliRig();
    const none = await rig.run(['metrics', '--assert', '--budget', 'serverSize=1']);
    expect(none.code).toBe(1);
    await rig.run(BUILD);
    const kept = await rig.run(['metrics', '--assert', '--budget', 'serverSize=1GB', '--budget', 'buildTime=1h']);
    expect(kept.code, kept.stderr).toBe(0);
    const passed = await rig.run([
      'metrics',
      '--assert',
      '--budget',
      'buildTime=1ms',
      '--budget',
      'tools.echo=1',
      '--json',
    ]);
    expect(passed.code).toBe(4);
    expect((passed.json() as unknown as Budgets).budgets.map(({ name }) => name)).toEqual(['buildTime', 'tools.echo']);
    expect((await rig.run(['metrics', '--assert', '--markdown', '--budget', 'buildTime=1ms'])).stdout).toMatch(
      /^### Build/,
    );
  });
});
