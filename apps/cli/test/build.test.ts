import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cliRig, ECHO } from './cli-rig.ts';

const SHARED = {
  'lib/shout.ts': 'export const shout = (text: string): string => text.toUpperCase();\n',
  'tools/one.ts': ECHO.replace('=> text', '=> shout(text)').replace(
    'import { z }',
    "import { shout } from '../lib/shout.ts';\nimport { z }",
  ),
  'tools/two.ts': ECHO.replace('=> text', '=> shout(text)').replace(
    'import { z }',
    "import { shout } from '../lib/shout.ts';\nimport { z }",
  ),
  'tools/three.ts': ECHO,
};

interface StepJson {
  readonly name: string;
  readonly outcome: string;
  readonly reason: string;
  readonly duration: number;
}

function stepsOf(envelope: Readonly<Record<string, unknown>>): ReadonlyMap<string, StepJson> {
  const steps = envelope.steps as readonly StepJson[];
  return new Map(steps.map((step) => [step.name, step]));
}

describe('mcpgen build', () => {
  it('writes a server and an image layout, and says so in one envelope', async () => {
    await using rig = await cliRig();
    const ran = await rig.run(['build', '--json']);
    const envelope = ran.json();
    expect(ran.code, ran.stderr).toBe(0);
    expect(envelope).toMatchObject({
      status: 'ok',
      code: 'BUILT',
      fix: null,
      server: { tools: 1 },
      image: { base: 'host' },
    });
    const image = envelope.image as { readonly digest: string; readonly size: number };
    const index = JSON.parse(rig.read('dist/image/index.json'));
    expect(index.manifests[0].digest).toBe(image.digest);
    expect(stepsOf(envelope).get('bundle:tools/echo')).toMatchObject({ outcome: 'ran', reason: 'first build' });
    expect(rig.read('dist/server/main.js')).toContain('runtime/main.js');
    expect(ran.stderr).toBe('');
  });

  it('finds nothing to do, restores what was removed, and runs only what a change reaches', async () => {
    await using rig = await cliRig(SHARED);
    await rig.run(['build', '--json', '--no-image']);

    const again = stepsOf((await rig.run(['build', '--json', '--no-image'])).json());
    expect(new Set([...again.values()].map((step) => step.outcome))).toEqual(new Set(['fresh']));

    rmSync(join(rig.directory, 'dist'), { recursive: true });
    rmSync(join(rig.directory, '.cache/mcpgen/work'), { recursive: true });
    const restored = stepsOf((await rig.run(['build', '--json', '--no-image'])).json());
    expect(new Set([...restored.values()].map((step) => step.outcome))).toEqual(new Set(['restored']));
    expect(existsSync(join(rig.directory, 'dist/server/main.js'))).toBe(true);

    await rig.write({ 'lib/shout.ts': 'export const shout = (text: string): string => `${text}!`;\n' });
    const changed = stepsOf((await rig.run(['build', '--json', '--no-image'])).json());
    const ran = [...changed.values()].filter((step) => step.outcome === 'ran').map((step) => step.name);
    expect(ran.sort()).toEqual(['bundle:lib/shout', 'describe:tool/one', 'describe:tool/two']);
    expect(changed.get('bundle:lib/shout')?.reason).toBe('lib/shout.ts changed');
  });

  it('gives the same image in another directory', async () => {
    const digests = await Promise.all(
      [cliRig(SHARED), cliRig(SHARED)].map(async (opening) => {
        await using rig = await opening;
        const ran = await rig.run(['build', '--json'], { env: { TZ: 'Pacific/Auckland', LC_ALL: 'C' } });
        return (ran.json().image as { readonly digest: string }).digest;
      }),
    );
    expect(digests[0]).toBe(digests[1]);
  });

  it('leaves the last output in place when a build fails', async () => {
    await using rig = await cliRig(SHARED);
    await rig.run(['build', '--json', '--no-image']);
    const before = snapshot(join(rig.directory, 'dist'));
    await rig.write({
      'tools/one.ts': `throw new Error('no');\nexport default {};\n`,
      'tools/three.ts': ECHO.replace('Says', 'Repeats'),
    });
    const failed = await rig.run(['build', '--json', '--no-image']);
    expect(failed.code).toBe(1);
    expect(snapshot(join(rig.directory, 'dist'))).toEqual(before);
    await rig.write({ 'tools/one.ts': ECHO });
    expect((await rig.run(['build', '--json', '--no-image'])).code).toBe(0);
  });

  it('ends at Ctrl-C with 130 and leaves nothing half-written', async () => {
    await using rig = await cliRig({
      'tools/slow.ts': 'await new Promise((resolve) => setTimeout(resolve, 60_000));\nexport default {};\n',
    });
    const child = rig.start(['build', '--no-image']);
    let output = '';
    let interrupted = false;
    // The module's step has begun when the one before it has ended.
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (!interrupted && output.includes('bundle:tools/slow')) interrupted = child.kill('SIGINT');
    });
    const [code] = await once(child, 'close');
    expect(code, output).toBe(130);
    expect(output).toContain('Interrupted');
    expect(existsSync(join(rig.directory, 'dist'))).toBe(false);
    expect(files(join(rig.directory, '.cache')).filter((path) => path.includes('.tmp'))).toEqual([]);
  });

  it('kills a tool that hangs when it is loaded, at the deadline', async () => {
    await using rig = await cliRig({
      'tools/hangs.ts': 'await new Promise(() => setInterval(() => {}, 1000));\nexport default {};\n',
      'mcpgen.config.json': '{"build":{"describeDeadline":"500ms"}}',
    });
    const ran = await rig.run(['build', '--json', '--no-image']);
    expect(ran.code).toBe(1);
    expect(ran.json().message).toMatch(/tools\/hangs\.ts/);
  });

  it('runs every step with --no-cache and keeps nothing', async () => {
    await using rig = await cliRig();
    await rig.run(['build', '--no-image', '--no-cache']);
    expect(existsSync(join(rig.directory, '.cache/mcpgen/store'))).toBe(false);
    const again = stepsOf((await rig.run(['build', '--no-image', '--no-cache', '--json'])).json());
    expect(new Set([...again.values()].map((step) => step.outcome))).toEqual(new Set(['ran']));
  });

  it('prints plain lines without a terminal, and only the digest on stdout', async () => {
    await using rig = await cliRig();
    const ran = await rig.run(['build']);
    expect(ran.stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/);
    expect(ran.stderr).toMatch(/ran +bundle:tools\/echo/);
    expect(ran.stderr).not.toContain('\u001b');
  });

  it('keeps a record of each build', async () => {
    await using rig = await cliRig();
    await rig.run(['build', '--no-image']);
    const [file = ''] = readdirSync(join(rig.directory, '.cache/mcpgen/builds'));
    expect(JSON.parse(rig.read(`.cache/mcpgen/builds/${file}`))).toMatchObject({
      version: 1,
      outcome: 'succeeded',
      labels: { profile: 'standard' },
      machine: { cores: expect.any(Number) },
    });
  });

  it('fails a build whose types are wrong, unless told not to check them', async () => {
    await using rig = await cliRig({
      'tools/echo.ts': ECHO.replace('=> text', '=> text.toFixed()'),
      'tsconfig.json':
        '{"compilerOptions":{"strict":true,"module":"nodenext","target":"es2024","skipLibCheck":true,"types":[],"noEmit":true,"customConditions":["@mcpgen/source"],"allowImportingTsExtensions":true},"include":["tools"]}',
    });
    const ran = await rig.run(['build', '--json', '--no-image']);
    expect(ran.json()).toMatchObject({
      code: 'TYPE_CHECK_FAILED',
      message: expect.stringMatching(/tools\/echo\.ts.*toFixed/s),
    });
    expect(ran.code).toBe(1);
    expect((await rig.run(['build', '--no-image', '--no-typecheck'])).code).toBe(0);
  });
});

function files(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(directory, path)).isFile(),
  );
}

function snapshot(directory: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    files(directory)
      .toSorted()
      .map((path) => [path, readFileSync(join(directory, path), 'utf8')]),
  );
}
