import { randomUUID } from 'node:crypto';
import { connectDocker, type DockerEngine } from '@mcpgen/docker';
import { assembleImage, createLayout, imageArchive, planHostBase, writeHostBase, writeImage } from '@mcpgen/oci';
import { serviceForTest, temporaryDirectory } from '@mcpgen/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliRig, cliRig, ECHO } from './cli-rig.ts';

const docker = serviceForTest('MCPGEN_TEST_DOCKER_HOST', {
  script: 'scripts/services/start-docker.sh',
  environment: process.env,
});
const registry = serviceForTest('MCPGEN_TEST_REGISTRY', {
  script: 'scripts/services/start-registry.sh',
  environment: process.env,
});
if (docker.kind === 'absent') process.stderr.write(`skipped: docker-build.test.ts: ${docker.reason}\n`);
const host = docker.kind === 'present' ? docker.address : '';

const BASE = 'mcpgen-test/cli-base:1';
const CALL = [
  {
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } },
  },
  { method: 'tools/call', params: { name: 'echo', arguments: { text: 'from the image' } } },
];

/** An image that has a Node, as `node:24-slim` would be. */
async function loadBase(engine: DockerEngine): Promise<void> {
  await using directory = await temporaryDirectory();
  const layout = await createLayout(directory.path);
  const plan = await planHostBase({ executable: process.execPath, platform: process.platform, arch: process.arch });
  const base = await writeHostBase(plan, { target: layout, compression: 'gzip', level: 1 });
  const image = assembleImage({ base, layers: [], config: {}, platform: plan.platform });
  await writeImage(layout, image, { tags: ['latest'] });
  await engine.loadImage(imageArchive(layout, image.descriptor, { references: [BASE] }));
}

interface Built {
  readonly targets: readonly { readonly kind: string; readonly name: string; readonly digest: string }[];
  readonly steps: readonly { readonly name: string; readonly outcome: string }[];
}

describe('mcpgen build --builder, without a daemon', () => {
  it.each([
    [['--builder', 'podman'], /expected daemonless, docker, buildx or buildx:NAME/],
    [['--builder', 'docker', '--tar', 'a.tar'], /Cannot write a tar file/],
    [['--builder', 'docker', '--base', 'host'], /Cannot take this machine as the base/],
    [['--cache-to', 'type=inline'], /one of BuildKit/],
    [['--builder', 'docker', '--cache-to', 'type=local,dest=x'], /"type=inline" alone/],
    [['--builder', 'docker', '--platform', 'linux/amd64,linux/arm64'], /images of one platform/],
    [['--builder', 'docker', '--sbom'], /Cannot describe an image that Docker builds/],
    [['--builder', 'buildx', '--provenance'], /Cannot describe an image that Docker builds/],
    [['--builder', 'docker', '--push', 'a/b:1', '--sign'], /Cannot sign an image that Docker builds/],
    [['--builder', 'docker', '--budget', 'imageSize=1MB'], /to the budget "imageSize"/],
    [['--builder', 'docker', '--budget', 'layers.app=1MB'], /to the budget "layers.app"/],
  ])('refuses %j', async (flags, message) => {
    await using rig = await cliRig();
    const ran = await rig.run(['build', ...flags], { env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } });
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(message);
  });

  it('refuses what the configuration asks for and Docker does not give, unless a flag takes it back', async () => {
    await using rig = await cliRig({
      'tools/echo.ts': ECHO,
      'mcpgen.config.json': '{"image":{"sbom":true,"provenance":true},"budgets":{"imageSize":"1GB"}}',
    });
    const env = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };
    const run = (...flags: readonly string[]) => rig.run(['build', '--builder', 'docker', '--json', ...flags], { env });
    expect((await run()).json()).toMatchObject({ code: 'USAGE', message: expect.stringContaining('Cannot describe') });
    const described = await run('--no-sbom', '--no-provenance');
    expect(described.json()).toMatchObject({ code: 'USAGE', message: expect.stringContaining('"imageSize"') });
    const free = await run('--no-sbom', '--no-provenance', '--over-budget', 'ignore');
    expect(free.json()).toMatchObject({ code: 'DOCKER_NOT_RUNNING' });
  });

  it('says in one sentence that no Docker answers, and leaves the server that was built', async () => {
    await using rig = await cliRig();
    const ran = await rig.run(['build', '--builder', 'docker', '--json'], {
      env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' },
    });
    expect(ran.code).toBe(3);
    expect(ran.json()).toMatchObject({ code: 'DOCKER_NOT_RUNNING', fix: expect.stringContaining('DOCKER_HOST') });
    expect(rig.read('dist/server/manifest.json')).toContain('echo');
  });
});

describe.skipIf(docker.kind === 'absent')('mcpgen build --builder docker', { timeout: 120_000 }, () => {
  let engine: DockerEngine;
  const names: string[] = [];
  const env = { DOCKER_HOST: host };
  beforeAll(async () => {
    engine = await connectDocker({ host });
    await loadBase(engine);
  });
  afterAll(async () => {
    for (const name of [...names, BASE]) await engine.removeImage(name);
  });

  async function build(rig: CliRig, ...flags: readonly string[]): Promise<Built> {
    const ran = await rig.run(['build', '--builder', 'docker', '--base', BASE, '--json', ...flags], { env });
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    return ran.json() as unknown as Built;
  }
  const freshName = (): string => {
    const name = `mcpgen-test/cli-${randomUUID()}:1`;
    names.push(name);
    return name;
  };

  it('makes an image that answers, tells its steps, and records them', async () => {
    await using rig = await cliRig();
    const name = freshName();
    const built = await build(rig, '--load', name);
    expect(built.targets).toEqual([
      expect.objectContaining({ kind: 'docker', name, digest: expect.stringMatching(/^sha256:/) }),
    ]);
    expect(built.steps).toContainEqual(expect.objectContaining({ name: expect.stringMatching(/^docker:.*COPY/) }));
    const input = CALL.map((message, id) => JSON.stringify({ jsonrpc: '2.0', id, ...message })).join('\n');
    const script = `const c = require('child_process').spawnSync(process.execPath, ['/app/main.js', '--stdio'], { input: ${JSON.stringify(`${input}\n`)} }); process.stdout.write(c.stdout)`;
    const { stdout } = await engine.runContainer({
      image: name,
      entrypoint: ['node', '-e', script],
      network: 'host',
      hardened: true,
    });
    expect(stdout).toContain('from the image');
    const metrics = await rig.run(['metrics', '--json']);
    expect(metrics.stdout).toMatch(/"docker:[^"]*COPY/);
  });

  it('gives the same image for the same sources, and has all but the changed tool cached', async () => {
    await using one = await cliRig();
    await using other = await cliRig();
    const [first] = (await build(one, '--load', freshName())).targets;
    const [second] = (await build(other, '--load', freshName())).targets;
    expect(second?.digest).toBe(first?.digest);
    await one.write({ 'tools/echo.ts': ECHO.replace('=> text', `=> text + "${randomUUID()}"`) });
    const edited = await build(one, '--load', freshName());
    const ran = edited.steps.filter((step) => step.name.includes('] COPY') && step.outcome === 'ran');
    expect(ran.map((step) => step.name)).toEqual([expect.stringContaining('modules')]);
    expect(edited.targets[0]?.digest).not.toBe(first?.digest);
  });

  it('makes the image again where only that is gone', async () => {
    await using rig = await cliRig();
    const name = freshName();
    await build(rig, '--load', name);
    await engine.removeImage(name);
    const again = await build(rig, '--load', name);
    expect(
      again.steps.filter((step) => !step.name.startsWith('docker:')).every((step) => step.outcome === 'fresh'),
    ).toBe(true);
    const { exitCode } = await engine.runContainer({ image: name, entrypoint: ['node', '-e', '0'], network: 'host' });
    expect(exitCode).toBe(0);
  });

  it('fails with the sentence for a base that is not there', async () => {
    await using rig = await cliRig();
    const flags = ['build', '--builder', 'docker', '--base', '127.0.0.1:1/none:1', '--json'];
    const ran = await rig.run(flags, { env });
    expect(ran.code).toBe(1);
    expect(ran.json().code).toMatch(/^DOCKER_(BASE_NOT_FOUND|BUILD_FAILED)$/);
  });

  it.skipIf(registry.kind === 'absent')('pushes as part of the build', async () => {
    const address = registry.kind === 'present' ? registry.address : '';
    await using rig = await cliRig();
    const name = `${address}/cli-docker/${randomUUID()}:1`;
    names.push(name);
    await build(rig, '--push', name, '--cache-to', 'type=inline');
    const answer = await fetch(`http://${name.replace('/', '/v2/').replace(/:1$/, '/manifests/1')}`, {
      headers: { accept: 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json' },
    });
    expect(answer.status).toBe(200);
  });
});
