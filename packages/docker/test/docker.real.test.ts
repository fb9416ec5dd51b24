import {
  assembleImage,
  createLayout,
  imageArchive,
  planHostBase,
  writeHostBase,
  writeImage,
  writeLayer,
} from '@mcpgen/oci';
import { freePort, serviceForTest, temporaryDirectory } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { connectDocker } from '../src/index.ts';

const service = serviceForTest('MCPGEN_TEST_DOCKER_HOST', {
  script: 'scripts/services/start-docker.sh',
  environment: process.env,
});
if (service.kind === 'absent') process.stderr.write(`skipped: docker.real.test.ts: ${service.reason}\n`);

const SERVER = `
require('node:http').createServer((request, response) => response.end('pong')).listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
`;

/** Makes an image of this machine's Node with two scripts, and loads it. */
async function loadTestImage(host: string, compression: 'gzip' | 'zstd') {
  await using directory = await temporaryDirectory();
  const engine = await connectDocker({ host });
  const layout = await createLayout(directory.path);
  const plan = await planHostBase({ executable: process.execPath, platform: process.platform, arch: process.arch });
  const base = await writeHostBase(plan, { target: layout, compression, level: 1 });
  const hello =
    'console.log("hello", process.version, process.getuid()); console.error("to stderr"); process.exitCode = 3;';
  const layer = await writeLayer(
    [
      { kind: 'file', path: 'app/hello.js', source: Buffer.from(hello) },
      { kind: 'file', path: 'app/server.js', source: Buffer.from(SERVER) },
    ],
    { target: layout, compression },
  );
  const config = { cmd: ['/app/hello.js'], labels: { test: 'docker.real' } };
  const image = assembleImage({ base, layers: [{ layer, createdBy: 'test' }], config, platform: plan.platform });
  await writeImage(layout, image, { tags: ['latest'] });
  const reference = `mcpgen-test/${compression}:1`;
  const { references } = await engine.loadImage(imageArchive(layout, image.descriptor, { references: [reference] }));
  return { engine, reference, references };
}

describe.skipIf(service.kind === 'absent')('a real Docker daemon', { timeout: 120_000 }, () => {
  const host = service.kind === 'present' ? service.address : '';

  it('says what it is', async () => {
    const info = await (await connectDocker({ host })).ping();
    expect(info).toMatchObject({ os: 'linux', version: expect.stringMatching(/^\d+\.\d+/) });
  });

  it.each(['gzip', 'zstd'] as const)('loads and runs an image with %s layers', async (compression) => {
    const { engine, reference, references } = await loadTestImage(host, compression);
    try {
      expect(references.map((name) => name.replace(/^docker\.io\//, ''))).toEqual([reference]);
      const result = await engine.runContainer({ image: reference, network: 'host', hardened: true });
      expect(result).toEqual({ exitCode: 3, stdout: `hello ${process.version} 65532\n`, stderr: 'to stderr\n' });
    } finally {
      await engine.removeImage(reference);
    }
  });

  it('starts a server, which answers and stops at once on SIGTERM', async () => {
    const { engine, reference } = await loadTestImage(host, 'zstd');
    try {
      const port = await freePort();
      const env = { PORT: String(port) };
      await using container = await engine.startContainer({
        image: reference,
        args: ['/app/server.js'],
        env,
        network: 'host',
        hardened: true,
      });
      expect(await answerOf(`http://127.0.0.1:${port}/`)).toBe('pong');
      await container.stop();
      expect(await container.wait()).toBe(0);
    } finally {
      await engine.removeImage(reference);
    }
  });

  it('refuses an archive that is none, with what the daemon says', async () => {
    const engine = await connectDocker({ host });
    async function* rubbish() {
      yield Buffer.alloc(2048, 'x');
    }
    await expect(engine.loadImage(rubbish())).rejects.toMatchObject({ name: 'DockerError' });
  });
});

/** Asks until the server listens; the test's own time limit ends it. */
async function answerOf(url: string): Promise<string> {
  for (;;) {
    try {
      return await (await fetch(url)).text();
    } catch {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
