import { describe, expect, it } from 'vitest';
import { parseDockerHost } from './docker-host.ts';

const tls = { ca: 'ca', cert: 'cert', key: 'key' };

describe('parseDockerHost', () => {
  it.each([
    ['unix:///var/run/docker.sock', undefined, { socketPath: '/var/run/docker.sock', protocol: 'http' }],
    ['unix:///home/a%20b/docker.sock', undefined, { socketPath: '/home/a b/docker.sock' }],
    ['tcp://10.0.0.5:2376', tls, { host: '10.0.0.5', port: '2376', protocol: 'https', ca: 'ca' }],
    ['tcp://docker.example', tls, { host: 'docker.example', port: '2376', protocol: 'https' }],
    ['tcp://127.0.0.1:2375', undefined, { host: '127.0.0.1', port: '2375', protocol: 'http' }],
    ['tcp://[::1]', undefined, { host: '::1', port: '2375' }],
  ])('reads %s', (host, files, expected) => {
    expect(parseDockerHost(host, files)).toMatchObject(expected);
  });

  it('leaves nothing for the client to take from the environment', () => {
    const options = parseDockerHost('unix:///var/run/docker.sock', undefined);
    expect(Object.keys(options)).toEqual(
      expect.arrayContaining(['host', 'port', 'socketPath', 'ca', 'cert', 'key', 'protocol']),
    );
  });

  it.each([
    ['docker.sock', 'it is not a URL'],
    ['unix://', 'it names no path'],
    ['tcp://10.0.0.5:2375', 'tcp without TLS gives root'],
    ['tcp://127.0.0.1.example:2375', 'tcp without TLS gives root'],
    ['ssh://user@host', 'ssh is not supported'],
    ['ftp://host', '"ftp:" is not supported'],
  ])('refuses %s', (host, problem) => {
    expect(() => parseDockerHost(host, undefined)).toThrow(expect.objectContaining({ code: 'DOCKER_HOST_INVALID' }));
    expect(() => parseDockerHost(host, undefined)).toThrow(problem);
  });
});
