import * as docker from '@mcpgen/docker';
import { describe, expect, it } from 'vitest';

describe('@mcpgen/docker', () => {
  it('exports what its README describes, and nothing else', () => {
    expect(Object.keys(docker).sort()).toEqual([
      'DEFAULT_DOCKER_HOST',
      'DockerError',
      'buildByBuildx',
      'connectDocker',
      'readDockerOptions',
    ]);
  });

  it('gives errors with a code and a hint', async () => {
    await expect(docker.connectDocker({ host: 'tcp://192.0.2.1:2375' })).rejects.toMatchObject({
      name: 'DockerError',
      code: 'DOCKER_HOST_INVALID',
      hint: expect.any(String),
    });
  });
});
