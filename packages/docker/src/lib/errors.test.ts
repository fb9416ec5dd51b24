import { describe, expect, it } from 'vitest';
import { DockerError, dockerFailure } from './errors.ts';

const host = 'unix:///var/run/docker.sock';

function failed(facts: object): Error {
  return Object.assign(new Error('connect failed'), facts);
}

describe('dockerFailure', () => {
  it.each([
    [{ code: 'EACCES' }, 'DOCKER_PERMISSION_DENIED', 'you may not open', 'group "docker"'],
    [{ code: 'ENOENT' }, 'DOCKER_NOT_RUNNING', 'no Docker answers', 'Start Docker'],
    [{ code: 'ECONNREFUSED' }, 'DOCKER_NOT_RUNNING', 'no Docker answers', 'Start Docker'],
    [{ code: 'ETIMEDOUT' }, 'DOCKER_NOT_RUNNING', 'no Docker answers', 'Start Docker'],
    [{ code: 'ECONNRESET' }, 'DOCKER_CONNECTION_LOST', 'ECONNRESET', 'still running'],
  ])('gives %j its code and says what to do', (facts, code, state, hint) => {
    const error = dockerFailure('load the image', host, failed(facts));
    expect(error).toMatchObject({
      code,
      message: expect.stringContaining(state),
      hint: expect.stringContaining(hint),
      facts: { host },
    });
    expect(error).toMatchObject({ message: expect.stringMatching(/^Cannot load the image: /) });
  });

  it('keeps what the daemon says to one line', () => {
    const error = dockerFailure(
      'run "x"',
      host,
      Object.assign(new Error('bad\n\u001b[31mmount\u0000'), { statusCode: 400 }),
    );
    expect(error).toMatchObject({
      code: 'DOCKER_REFUSED',
      message: 'Cannot run "x": Docker answered bad [31mmount',
      facts: { status: 400 },
    });
  });

  it('leaves its own errors and aborts as they are', () => {
    const own = new DockerError('Cannot', { code: 'DOCKER_REFUSED' });
    const abort = new DOMException('stop', 'AbortError');
    expect(dockerFailure('x', host, own)).toBe(own);
    expect(dockerFailure('x', host, abort)).toBe(abort);
  });
});
