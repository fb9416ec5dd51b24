import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startRegistry, temporaryDirectory } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { cliRig, ECHO } from './cli-rig.ts';
import { pushBase } from './remote-rig.ts';

interface Step {
  readonly name: string;
  readonly outcome: string;
}

describe('mcpgen cache warm', { timeout: 60_000 }, () => {
  it('lets a first build elsewhere restore packages, runtime, base and their layers without a network', async () => {
    await using registry = await startRegistry();
    await using shared = await temporaryDirectory();
    const config = { cache: { directory: shared.path }, image: { base: await pushBase(registry.host) } };
    const files = { 'tools/echo.ts': ECHO, 'mcpgen.config.json': JSON.stringify(config) };
    await using image = await cliRig(files);
    const warmed = await image.run(['cache', 'warm', '--json']);
    expect(warmed.code, warmed.stdout + warmed.stderr).toBe(0);
    const standard = (warmed.json() as unknown as { steps: readonly Step[] }).steps.map(({ name }) => name);
    expect(standard.toSorted()).toEqual(['deps', 'layer:base', 'layer:deps', 'runtime']);
    expect(existsSync(join(image.directory, 'dist'))).toBe(false);
    const again = (await image.run(['cache', 'warm', '--json'])).json() as unknown as { steps: readonly Step[] };
    expect(new Set(again.steps.map(({ outcome }) => outcome))).toEqual(new Set(['restored']));

    await registry.close();
    await using first = await cliRig(files);
    await first.write({ 'tools/shout.ts': ECHO.replace('=> text', '=> text.toUpperCase()') });
    const built = await first.run(['build', '--no-typecheck', '--json']);
    expect(built.code, built.stdout + built.stderr).toBe(0);
    const { steps } = built.json() as unknown as { steps: readonly Step[] };
    const outcomeOf = (name: string) => steps.find((step) => step.name === name)?.outcome;
    expect(standard.map((name) => [name, outcomeOf(name)])).toEqual(standard.map((name) => [name, 'restored']));
    expect(outcomeOf('bundle:tools/shout')).toBe('ran');
  });

  it('sends what it keeps to a remote cache, for machines that share no disk', async () => {
    await using registry = await startRegistry();
    const place = `${registry.host}/team/cache:main`;
    await using image = await cliRig();
    const flags = ['--base', await pushBase(registry.host), '--json'];
    const warmed = await image.run(['cache', 'warm', '--cache-to', place, ...flags]);
    expect(warmed.json()).toMatchObject({ code: 'CACHE_WARMED', cache: { to: { name: place, results: 4 } } });
    await using other = await cliRig();
    const built = await other.run(['build', '--no-typecheck', '--cache-from', place, ...flags]);
    expect(built.json()).toMatchObject({ cache: { from: [{ name: 'local' }, { name: place, results: 4 }] } });
  });
});
