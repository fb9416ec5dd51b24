import { createServer, type RequestListener } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import { join } from 'node:path';
import { eventRecorder, temporaryDirectory } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { connectDocker, type DockerEngine } from './connect-docker.ts';
import type { LoadEvent } from './load-image.ts';

/** A daemon that answers as told, on a socket of its own. */
async function fakeDaemon(answer: RequestListener): Promise<{ engine: DockerEngine } & AsyncDisposable> {
  const directory = await temporaryDirectory();
  const socket = join(directory.path, 'd.sock');
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    engine: await connectDocker({ host: `unix://${socket}` }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await directory.remove();
    },
  };
}

function json(value: object, status = 200): RequestListener {
  return (request, response) => {
    request.resume();
    request.on('end', () =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value)),
    );
  };
}

async function* archive() {
  yield Buffer.from('tar');
}

describe('connectDocker', () => {
  it('says what to do when no daemon is there', async () => {
    const engine = await connectDocker({ host: 'unix:///nowhere/docker.sock' });
    await expect(engine.ping()).rejects.toMatchObject({
      code: 'DOCKER_NOT_RUNNING',
      message: 'Cannot reach Docker: no Docker answers at "unix:///nowhere/docker.sock"',
      hint: expect.stringContaining('Start Docker'),
    });
  });

  it('says what to do when a daemon has left its socket behind', async () => {
    await using directory = await temporaryDirectory();
    const socket = join(directory.path, 'd.sock');
    const server = createSocketServer();
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    // The file outlives a daemon that was killed; a rename keeps it from being removed by close.
    const { rename } = await import('node:fs/promises');
    await rename(socket, `${socket}.left`);
    await new Promise((resolve) => server.close(resolve));
    const engine = await connectDocker({ host: `unix://${socket}.left` });
    await expect(engine.ping()).rejects.toMatchObject({ code: 'DOCKER_NOT_RUNNING' });
  });

  it('refuses a daemon that is too old', async () => {
    await using daemon = await fakeDaemon(json({ Version: '19.03.0', ApiVersion: '1.40', Os: 'linux', Arch: 'amd64' }));
    await expect(daemon.engine.ping()).rejects.toMatchObject({
      code: 'DOCKER_TOO_OLD',
      hint: expect.stringContaining('20.10'),
    });
  });

  it('says so when the connection is cut', async () => {
    await using daemon = await fakeDaemon((request) => request.socket.destroy());
    await expect(daemon.engine.ping()).rejects.toMatchObject({ code: 'DOCKER_CONNECTION_LOST' });
    await expect(daemon.engine.loadImage(archive())).rejects.toMatchObject({ code: 'DOCKER_CONNECTION_LOST' });
  });
});

describe('DockerEngine.loadImage', () => {
  it('gives the names and tells of progress', async () => {
    await using daemon = await fakeDaemon(json({ stream: 'Loaded image: example/app:1.0\n' }));
    const recorder = eventRecorder<LoadEvent>();
    expect(await daemon.engine.loadImage(archive(), recorder)).toEqual({ references: ['example/app:1.0'] });
    expect(recorder.types()).toEqual(['docker-load-progress', 'docker-load-message']);
  });

  it('fails on an error that comes after a status of 200', async () => {
    await using daemon = await fakeDaemon(
      json({ errorDetail: { message: 'no space left on device' }, error: 'no space left on device' }),
    );
    await expect(daemon.engine.loadImage(archive())).rejects.toMatchObject({
      code: 'DOCKER_LOAD_FAILED',
      message: expect.stringContaining('no space left on device'),
    });
  });

  it('fails on a status of 500 with what the daemon said', async () => {
    await using daemon = await fakeDaemon(json({ message: 'broken' }, 500));
    await expect(daemon.engine.loadImage(archive())).rejects.toMatchObject({
      code: 'DOCKER_REFUSED',
      facts: { status: 500 },
    });
  });

  it('fails when the daemon says nothing about an image', async () => {
    await using daemon = await fakeDaemon(json({}));
    await expect(daemon.engine.loadImage(archive())).rejects.toMatchObject({ code: 'DOCKER_LOAD_FAILED' });
  });

  it('passes on the error of the archive', async () => {
    await using daemon = await fakeDaemon(json({ stream: 'Loaded image: x\n' }));
    const failure = new Error('the layer is damaged');
    async function* broken() {
      yield Buffer.from('tar');
      throw failure;
    }
    await expect(daemon.engine.loadImage(broken())).rejects.toBe(failure);
  });

  it('ends with the reason of the signal', async () => {
    await using daemon = await fakeDaemon((request) => request.resume());
    const controller = new AbortController();
    const reason = new Error('enough');
    async function* endless() {
      yield Buffer.from('tar');
      controller.abort(reason);
      yield Buffer.from('tar');
      await new Promise(() => {});
    }
    await expect(daemon.engine.loadImage(endless(), { signal: controller.signal })).rejects.toBe(reason);
  });
});

describe('DockerEngine.startContainer', () => {
  it('says that the image is missing', async () => {
    await using daemon = await fakeDaemon(json({ message: 'No such image: nothing:latest' }, 404));
    await expect(daemon.engine.startContainer({ image: 'nothing' })).rejects.toMatchObject({
      code: 'DOCKER_IMAGE_NOT_FOUND',
      hint: 'Load or pull the image first.',
    });
  });

  it('leaves no container behind when it does not start', async () => {
    const requests: string[] = [];
    await using daemon = await fakeDaemon((request, response) => {
      requests.push(`${request.method} ${request.url}`);
      if (request.url?.includes('/create')) return void json({ Id: 'c1' }, 201)(request, response);
      if (request.url?.includes('/start'))
        return void json({ message: 'port is already allocated' }, 500)(request, response);
      response.writeHead(204).end();
    });
    await expect(daemon.engine.runContainer({ image: 'app', ports: { 8080: 3000 } })).rejects.toMatchObject({
      code: 'DOCKER_REFUSED',
    });
    expect(requests.at(-1)).toMatch(/^DELETE \/containers\/c1/);
  });
});
