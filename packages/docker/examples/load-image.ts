import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectDocker, DockerError } from '@mcpgen/docker';
import {
  assembleImage,
  createLayout,
  imageArchive,
  planHostBase,
  writeHostBase,
  writeImage,
  writeLayer,
} from '@mcpgen/oci';

const docker = await connectDocker({
  host: process.env.MCPGEN_TEST_DOCKER_HOST ?? process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock',
});
const directory = await mkdtemp(join(tmpdir(), 'mcpgen-docker-'));
try {
  const { version, imageStore } = await docker.ping();
  process.stdout.write(`Docker ${version} (${imageStore})\n`);

  const layout = await createLayout(directory);
  const plan = await planHostBase({ executable: process.execPath, platform: process.platform, arch: process.arch });
  const base = await writeHostBase(plan, { target: layout, compression: 'zstd', level: 1 });
  const entries = [
    { kind: 'file', path: 'app/main.js', source: Buffer.from('console.log("hello from", process.version)') },
  ] as const;
  const layer = await writeLayer(entries, { target: layout, compression: 'gzip' });
  const config = { cmd: ['/app/main.js'] };
  const image = assembleImage({ base, layers: [{ layer, createdBy: 'example' }], config, platform: plan.platform });
  await writeImage(layout, image);

  const reference = 'mcpgen-example/hello:1.0';
  await docker.loadImage(imageArchive(layout, image.descriptor, { references: [reference] }));
  const { exitCode, stdout } = await docker.runContainer({ image: reference, network: 'none', hardened: true });
  await docker.removeImage(reference);
  assert.deepEqual({ exitCode, stdout }, { exitCode: 0, stdout: `hello from ${process.version}\n` });
  process.stdout.write(stdout);
} catch (error) {
  // A machine without Docker learns what is missing; that is no failure of this example.
  if (!(error instanceof DockerError) || !['DOCKER_NOT_RUNNING', 'DOCKER_PERMISSION_DENIED'].includes(error.code))
    throw error;
  process.stdout.write(`${error.message}\n${error.hint}\n`);
} finally {
  await rm(directory, { recursive: true });
}
