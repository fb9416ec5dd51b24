import { hash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  assembleImage,
  createLayout,
  imageArchive,
  type LayerEntry,
  layerTar,
  planHostBase,
  writeHostBase,
  writeImage,
} from '@mcpgen/oci';
import { serviceForTest, temporaryDirectory } from '@mcpgen/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type BuildEvent,
  type BuildImageOptions,
  buildByBuildx,
  connectDocker,
  type DockerEngine,
} from '../src/index.ts';

const service = serviceForTest('MCPGEN_TEST_DOCKER_HOST', {
  script: 'scripts/services/start-docker.sh',
  environment: process.env,
});
const registry = serviceForTest('MCPGEN_TEST_REGISTRY', {
  script: 'scripts/services/start-registry.sh',
  environment: process.env,
});
if (service.kind === 'absent') process.stderr.write(`skipped: build.real.test.ts: ${service.reason}\n`);
if (registry.kind === 'absent') process.stderr.write(`skipped: build.real.test.ts, pushes: ${registry.reason}\n`);

const BASE = 'mcpgen-test/build-base:1';
const host = service.kind === 'present' ? service.address : '';

/** A base of this machine's Node: no shell, so that steps name their program. */
async function loadBase(engine: DockerEngine): Promise<void> {
  await using directory = await temporaryDirectory();
  const layout = await createLayout(directory.path);
  const plan = await planHostBase({ executable: process.execPath, platform: process.platform, arch: process.arch });
  const base = await writeHostBase(plan, { target: layout, compression: 'gzip', level: 1 });
  const image = assembleImage({ base, layers: [], config: { labels: {} }, platform: plan.platform });
  await writeImage(layout, image, { tags: ['latest'] });
  await engine.loadImage(imageArchive(layout, image.descriptor, { references: [BASE] }));
}

/** A context of a Dockerfile and other files, by path. */
async function* contextOf(dockerfile: string, files: Readonly<Record<string, string>> = {}) {
  const entries = Object.entries({ Dockerfile: dockerfile, ...files }).map(
    ([path, text]): LayerEntry => ({ kind: 'file', path, source: Buffer.from(text) }),
  );
  yield* layerTar(entries);
}

/** Steps of this base are not root's. */
const SECRET = '--mount=type=secret,id=token,uid=65532';

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen');
  return address;
}

const run = (script: string, flags = ''): string => `RUN ${flags} ["node", "-e", ${JSON.stringify(script)}]`;

describe.skipIf(service.kind === 'absent')('builds by a real Docker engine', { timeout: 120_000 }, () => {
  let engine: DockerEngine;
  const tags: string[] = [];
  const freshTag = (): string => {
    const tag = `mcpgen-test/build-${randomUUID()}:1`;
    tags.push(tag);
    return tag;
  };
  const build = (context: AsyncIterable<Uint8Array>, options: Partial<BuildImageOptions> = {}) =>
    engine.buildImage({ context, tags: [freshTag()], network: 'host', ...options });

  beforeAll(async () => {
    engine = await connectDocker({ host });
    await loadBase(engine);
  });
  afterAll(async () => {
    for (const tag of [...tags, BASE]) await engine.removeImage(tag);
  });

  it('builds, tells each step with its time, and what it printed as text', async () => {
    const events: BuildEvent[] = [];
    const stamp = randomUUID();
    const tag = freshTag();
    const context = contextOf(`FROM ${BASE}\nCOPY a.txt /a.txt\n${run(`console.log("größe ${stamp}")`)}\n`, {
      'a.txt': stamp,
    });
    const { id, steps } = await build(context, { tags: [tag], onEvent: (event) => events.push(event) });
    expect(id).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(steps.map(({ name }) => name)).toEqual(
      expect.arrayContaining([expect.stringContaining('COPY a.txt /a.txt')]),
    );
    const ran = steps.find(({ name }) => name.includes('RUN'));
    expect(ran).toMatchObject({ cached: false, needs: [expect.stringContaining('COPY')] });
    expect(ran?.duration).toBeGreaterThan(0);
    expect(events).toContainEqual({ type: 'docker-build-log', step: ran?.name, line: `größe ${stamp}` });
    const { stdout } = await engine.runContainer({
      image: tag,
      args: ['-p', 'fs.readFileSync("/a.txt", "utf8")'],
      network: 'host',
    });
    expect(stdout.trim()).toBe(stamp);
  });

  it('says which steps were cached the second time', async () => {
    const stamp = randomUUID();
    const context = () => contextOf(`FROM ${BASE}\n${run(`console.log("${stamp}")`)}\n`);
    await build(context());
    const { steps } = await build(context());
    expect(steps.find(({ name }) => name.includes('RUN'))?.cached).toBe(true);
  });

  it('fails where a step fails, with the step, its words and what it printed last', async () => {
    const context = contextOf(`FROM ${BASE}\n${run('console.error("the last words"); process.exit(7)')}\n`);
    const error = await build(context).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'DOCKER_BUILD_FAILED' });
    expect(String(error)).toMatch(/exit code: 7/);
    expect(String(error)).toMatch(/the last words/);
  });

  it.each([
    ['a base that is missing', 'FROM 127.0.0.1:1/none/none:1\n', /DOCKER_(BASE_NOT_FOUND|BUILD_FAILED)/],
    ['a Dockerfile that is none', 'NONSENSE\n', /DOCKER_BUILD_FAILED/],
    ['a file that is missing', `FROM ${BASE}\nCOPY none /\n`, /DOCKER_(BASE_NOT_FOUND|BUILD_FAILED)/],
    ['a secret that is missing', `FROM ${BASE}\n${run('0', `${SECRET},required=true`)}\n`, /SECRET_MISSING/],
  ])('fails on %s', async (_, dockerfile, code) => {
    await expect(build(contextOf(dockerfile))).rejects.toMatchObject({ code: expect.stringMatching(code) });
  });

  it('gives secrets to the step that mounts them, and to nothing else', async () => {
    const secret = randomUUID();
    const lines: string[] = [];
    const tag = freshTag();
    const script = 'console.log(crypto.hash("sha256", fs.readFileSync("/run/secrets/token")))';
    await build(contextOf(`FROM ${BASE}\n${run(script, SECRET)}\n`), {
      tags: [tag],
      secrets: { token: Buffer.from(secret) },
      onEvent: (event) => void (event.type === 'docker-build-log' && lines.push(event.line)),
    });
    expect(lines).toContain(hash('sha256', secret));
    const { stdout } = await engine.runContainer({
      image: tag,
      args: ['-p', 'fs.existsSync("/run/secrets/token") && fs.readFileSync("/run/secrets/token", "utf8")'],
      network: 'host',
    });
    expect(stdout).not.toContain(secret);
  });

  it('signs in to a registry with the credentials that it asks for by its name', async () => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization ?? 'none');
      const known = request.headers.authorization !== undefined;
      response.writeHead(known ? 404 : 401, { 'www-authenticate': 'Basic realm="private"' }).end('{"errors":[]}');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = addressOf(server);
    try {
      const asked: string[] = [];
      const building = build(contextOf(`FROM 127.0.0.1:${port}/private/base:1\n`), {
        credentials: async (name) => {
          asked.push(name);
          return { kind: 'password', username: 'me', password: 'pass' };
        },
      });
      await expect(building).rejects.toMatchObject({ code: 'DOCKER_BASE_NOT_FOUND' });
      expect(asked).toContain(`127.0.0.1:${port}`);
      expect(seen).toContain(`Basic ${Buffer.from('me:pass').toString('base64')}`);
    } finally {
      server.close();
    }
  });

  it('stops when it is aborted', async () => {
    const controller = new AbortController();
    const context = contextOf(`FROM ${BASE}\n${run(`"${randomUUID()}"; setTimeout(() => {}, 60000)`)}\n`);
    const building = build(context, {
      signal: controller.signal,
      onEvent: (event) =>
        void (event.type === 'docker-build-started' && event.step.includes('RUN') && controller.abort()),
    });
    await expect(building).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('gives the error of a context that breaks', async () => {
    async function* broken() {
      yield Buffer.alloc(512);
      throw new Error('the disk is gone');
    }
    await expect(build(broken())).rejects.toThrow('the disk is gone');
  });

  describe.skipIf(registry.kind === 'absent')('with a registry', () => {
    const address = registry.kind === 'present' ? registry.address : '';

    it('pushes as part of the build, and uses the inline cache of what was pushed', async () => {
      const tag = `${address}/build-test/${randomUUID()}:1`;
      tags.push(tag);
      const stamp = randomUUID();
      const context = () => contextOf(`FROM ${BASE}\n${run(`console.log("${stamp}")`)}\n`);
      await build(context(), { tags: [tag], push: true, inlineCache: true });
      const answer = await fetch(`http://${tag.replace(/\/(.*):1$/, '/v2/$1/manifests/1')}`, {
        headers: { accept: 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json' },
      });
      expect(answer.status).toBe(200);
      const { steps } = await build(context(), { cacheFrom: [tag] });
      expect(steps.find(({ name }) => name.includes('RUN'))?.cached).toBe(true);
    });

    it('fails where the push is refused', async () => {
      const tag = '127.0.0.1:1/build-test/refused:1';
      await expect(build(contextOf(`FROM ${BASE}\nLABEL a=b\n`), { tags: [tag], push: true })).rejects.toMatchObject({
        name: 'DockerError',
      });
    });
  });
});

describe('buildByBuildx', () => {
  it('says what to do where there is no such command', async () => {
    const building = buildByBuildx({
      command: ['/nowhere/docker', 'buildx'],
      environment: {},
      context: contextOf('FROM scratch\n'),
      tags: ['a:1'],
    });
    await expect(building).rejects.toMatchObject({ code: 'DOCKER_BUILDX_MISSING' });
  });

  const config = process.env.MCPGEN_TEST_DOCKER_CONFIG;
  it.skipIf(service.kind === 'absent' || config === undefined)(
    'builds with progress, secrets and a local cache of all stages',
    { timeout: 120_000 },
    async () => {
      await using directory = await temporaryDirectory();
      const engine = await connectDocker({ host });
      await loadBase(engine);
      const stamp = randomUUID();
      const dockerfile = `FROM ${BASE} AS first\n${run(`console.log("${stamp}", fs.readFileSync("/run/secrets/token").length)`, SECRET)}\nFROM ${BASE}\nCOPY --from=first /etc/passwd /passwd\n`;
      const tag = `mcpgen-test/buildx-${randomUUID()}:1`;
      const cache = join(directory.path, 'cache');
      const lines: string[] = [];
      try {
        const { id, steps } = await buildByBuildx({
          context: contextOf(dockerfile),
          environment: { ...process.env, DOCKER_HOST: host, DOCKER_CONFIG: config },
          tags: [tag],
          network: 'host',
          secrets: { token: Buffer.from('12345') },
          cacheTo: [`type=local,dest=${cache},mode=max`],
          onEvent: (event) => void (event.type === 'docker-build-log' && lines.push(event.line)),
        });
        expect(id).toMatch(/^sha256:/);
        expect(lines).toContain(`${stamp} 5`);
        expect(steps.some(({ name }) => name.includes('exporting cache'))).toBe(true);
      } finally {
        await engine.removeImage(tag);
      }
    },
  );
});
