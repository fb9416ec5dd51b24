import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectDocker } from '@mcpgen/docker';
import {
  assembleImage,
  assembleIndex,
  copyImage,
  memoryStore,
  openLayout,
  openRegistry,
  scratchBase,
  validateImage,
  writeIndex,
  writeLayer,
} from '@mcpgen/oci';
import { serviceForTest, startRegistry, temporaryDirectory } from '@mcpgen/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { type CliRig, ECHO, cliRig as ownRig } from './cli-rig.ts';
import { published } from './edit-rig.ts';

const docker = serviceForTest('MCPGEN_TEST_DOCKER_HOST', {
  script: 'scripts/services/start-docker.sh',
  environment: process.env,
});
if (docker.kind === 'absent') process.stderr.write(`skipped: the image under Docker: ${docker.reason}\n`);
const root = process.getuid?.() === 0;
if (!root) process.stderr.write('skipped: the image as a root file system: only root may chroot\n');

const INITIALIZE =
  '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}\n';
const CALL =
  '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"echo","arguments":{"text":"from the image"}}}\n';

/** The layer of the host base takes seconds: these projects share a store. */
const store = await temporaryDirectory();
afterAll(store.remove);
const cliRig = (): Promise<CliRig> =>
  ownRig({ 'tools/echo.ts': ECHO, 'mcpgen.config.json': JSON.stringify({ cache: { directory: store.path } }) });

interface ImageJson {
  readonly digest: `sha256:${string}`;
  readonly size: number;
  readonly ownSize: number;
  readonly layers: readonly { readonly name: string; readonly digest: string }[];
}

async function buildImage(rig: CliRig, ...args: readonly string[]): Promise<ImageJson> {
  const ran = await rig.run(['build', '--json', ...args]);
  expect(ran.code, ran.stdout + ran.stderr).toBe(0);
  return ran.json().image as ImageJson;
}

describe('the image that mcpgen build makes', () => {
  it('is a valid layout, small above its base', async () => {
    await using rig = await cliRig();
    const { digest, ownSize } = await buildImage(rig);
    const layout = await openLayout(join(rig.directory, 'dist/image'));
    expect(await validateImage(layout, await layout.resolve(digest))).toEqual([]);
    expect(ownSize).toBeLessThan(1_000_000);
  });

  it.skipIf(!root)('serves from its unpacked root file system', async () => {
    await using rig = await cliRig();
    const { digest } = await buildImage(rig);
    const rootfs = join(rig.directory, 'rootfs');
    mkdirSync(rootfs);
    const manifest = JSON.parse(blob(rig, digest).toString());
    for (const layer of manifest.layers)
      execFileSync('tar', [
        '-xzf',
        join(rig.directory, 'dist/image/blobs/sha256', layer.digest.slice(7)),
        '-C',
        rootfs,
      ]);
    const config = JSON.parse(blob(rig, manifest.config.digest).toString()).config;
    expect(config).toMatchObject({ User: '65532:65532', WorkingDir: '/app', ExposedPorts: { '3000/tcp': {} } });
    const [command = '', ...args] = config.Entrypoint;
    const ran = spawnSync('chroot', ['--userspec=65532:65532', rootfs, command, ...args, '--stdio'], {
      input: INITIALIZE + CALL,
      encoding: 'utf8',
      env: { PATH: process.env.PATH },
    });
    expect(ran.stdout, ran.stderr).toContain('from the image');
  });

  it.each(['--push', '--load'])('%s to a digest is refused before anything is built', async (flag) => {
    await using rig = await cliRig();
    const ran = await rig.run(['build', flag, `127.0.0.1:1/team/echo@sha256:${'a'.repeat(64)}`, '--json']);
    expect(ran.code).toBe(2);
    expect(ran.json()).toMatchObject({ code: 'USAGE', message: expect.stringContaining('its digest comes from') });
    expect(existsSync(join(rig.directory, 'dist'))).toBe(false);
  });

  it('is pushed to a registry once: what is there is not sent again', async () => {
    await using registry = await startRegistry();
    await using rig = await cliRig();
    const reference = `${registry.host}/team/echo:1.0`;
    const { digest } = await buildImage(rig, '--push', reference);
    const before = registry.requests.length;
    await buildImage(rig, '--push', reference);
    expect(registry.requests.slice(before).filter(({ method }) => method === 'PUT' || method === 'POST')).toEqual([]);
    expect(digest).toMatch(/^sha256:/);
  });

  it('is built on a base from a registry, whose layers are mounted and not sent', async () => {
    await using registry = await startRegistry();
    await using rig = await cliRig();
    const base = `${registry.host}/bases/node:24`;
    await buildImage(rig, '--push', base);
    const before = registry.requests.length;
    const image = await buildImage(rig, '--base', base, '--push', `${registry.host}/team/echo:1.0`);
    const mounts = registry.requests
      .slice(before)
      .filter(({ method, path }) => method === 'POST' && path.includes('mount='));
    expect(mounts.length).toBeGreaterThan(0);
    expect(image.ownSize).toBeLessThan(1_000_000);
  });

  it('is an index of images for each platform that the base has', async () => {
    await using registry = await startRegistry();
    await using rig = await cliRig();
    const base = `${registry.host}/bases/node:24`;
    await pushPlatforms(base, ['amd64', 'arm64']);
    const { digest } = await buildImage(rig, '--base', base, '--platform', 'linux/amd64,linux/arm64');
    const index = JSON.parse(blob(rig, digest).toString());
    const platforms = index.manifests.map(
      ({ platform }: { platform: { architecture: string } }) => platform.architecture,
    );
    expect(platforms).toEqual(['amd64', 'arm64']);
    const layout = await openLayout(join(rig.directory, 'dist/image'));
    expect(await validateImage(layout, await layout.resolve(digest))).toEqual([]);
    const missing = await rig.run(['build', '--json', '--base', base, '--platform', 'linux/s390x']);
    expect([missing.code, missing.json().code]).toEqual([2, 'PLATFORM_NOT_FOUND']);
  });

  it('stays as it was where a build fails that had made its layers', async () => {
    await using rig = await cliRig();
    // No types of packages: the compiler has them from the sources of this repository.
    const tool = (answer: string) => `export default { description: 'Answers', handler: () => ${answer} };\n`;
    await rig.write({ 'tsconfig.json': '{"include":["tools"]}', 'tools/echo.ts': tool("'yes'") });
    await buildImage(rig);
    const names = () => readdirSync(join(rig.directory, 'dist/image'), { recursive: true }).sort();
    const before = [names(), published(rig)];
    await rig.write({
      'lib/answer.ts': 'export const answer = 1;\n',
      'tools/echo.ts': `import { answer } from '../lib/answer.js';\n${tool('answer.trim()')}`,
    });
    expect((await rig.run(['build', '--json'])).json()).toMatchObject({ code: 'TYPE_CHECK_FAILED' });
    expect([names(), published(rig)]).toEqual(before);
  });

  it('has the base that a build of another profile looked up anew', async () => {
    await using registry = await startRegistry();
    await using rig = await cliRig();
    const base = `${registry.host}/bases/node:24`;
    const [asBefore, lookedUp] = [
      ['--no-typecheck', '--base', base],
      ['--profile', 'fast', '--base', base, '--pull'],
    ] as const;
    await pushPlatforms(base, [process.arch === 'x64' ? 'amd64' : process.arch]);
    const first = await buildImage(rig, ...asBefore);
    await pushPlatforms(base, [process.arch === 'x64' ? 'amd64' : process.arch], 'another base');
    expect(await buildImage(rig, ...asBefore)).toEqual(first);
    const { layers } = await buildImage(rig, ...lookedUp);
    const now = await buildImage(rig, ...asBefore);
    expect(now.digest).not.toBe(first.digest);
    expect(now.layers[0]).toEqual(layers[0]);
  });

  it('says in one sentence that a base cannot be reached', async () => {
    await using rig = await cliRig();
    const ran = await rig.run(['build', '--json', '--base', '127.0.0.1:1/no/base:1']);
    expect(ran.json()).toMatchObject({ status: 'error', message: expect.stringContaining('127.0.0.1:1') });
    expect(ran.code).toBe(3);
  });

  it('refuses to build for another platform on the host base', async () => {
    await using rig = await cliRig();
    const ran = await rig.run(['build', '--json', '--platform', 'linux/s390x']);
    expect(ran.json()).toMatchObject({ code: 'PLATFORM_UNAVAILABLE' });
    expect(ran.code).toBe(2);
  });

  it.skipIf(docker.kind === 'absent')('loads into Docker and serves there', { timeout: 120_000 }, async () => {
    const host = docker.kind === 'present' ? docker.address : '';
    await using rig = await cliRig();
    // Without a tag, as people type it.
    const name = 'mcpgen-test/echo';
    const ran = await rig.run(['build', '--json', '--load', name], { env: { DOCKER_HOST: host } });
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    const engine = await connectDocker({ host });
    try {
      const port = 38_471;
      await using container = await engine.startContainer({
        image: name,
        network: 'host',
        env: { PORT: String(port) },
      });
      const response = await retry(() => fetch(`http://127.0.0.1:${port}/healthz`));
      expect(response.status, JSON.stringify(await container.logs())).toBe(200);
    } finally {
      await engine.removeImage(name);
    }
  });
});

/** A base that exists for several platforms; nothing in it runs. */
async function pushPlatforms(reference: string, architectures: readonly string[], content = 'base'): Promise<void> {
  const target = openRegistry(reference);
  const store = memoryStore();
  const layer = await writeLayer([{ kind: 'file', path: 'etc/base', source: Buffer.from(content) }], {
    target: store,
    compression: 'gzip',
  });
  const images = architectures.map((architecture) =>
    assembleImage({
      base: scratchBase,
      layers: [{ layer, createdBy: 'test' }],
      config: {},
      platform: { os: 'linux', architecture },
    }),
  );
  const index = assembleIndex(images);
  await writeIndex(store, index, { tags: ['24'] });
  await copyImage(store, index.descriptor, target, { tags: ['24'] });
}

function blob(rig: CliRig, digest: string): Buffer {
  return readFileSync(join(rig.directory, 'dist/image/blobs/sha256', digest.slice(7)));
}

/** Until the server in the container listens; ends with the error of the last attempt. */
async function retry<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = 100; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
