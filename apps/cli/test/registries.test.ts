import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { assembleImage, copyImage, memoryStore, openRegistry, scratchBase, writeImage, writeLayer } from '@mcpgen/oci';
import { startRegistry, type TestRegistry } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { type CliRig, cliRig } from './cli-rig.ts';

async function pushImage(registry: TestRegistry, repository = 'team/app'): Promise<string> {
  const store = memoryStore();
  const layer = await writeLayer([{ kind: 'file', path: 'a', source: Buffer.from('a') }], {
    target: store,
    compression: 'gzip',
  });
  const image = assembleImage({
    base: scratchBase,
    layers: [{ layer, createdBy: 'test' }],
    config: {},
    platform: { os: 'linux', architecture: 'amd64' },
  });
  await writeImage(store, image);
  await copyImage(store, image.descriptor, openRegistry(`${registry.host}/${repository}`), { tags: ['1'] });
  return image.descriptor.digest;
}

interface Listening extends AsyncDisposable {
  readonly port: number;
}

interface Server {
  listen(port: number, host: string, done: () => void): unknown;
  address(): ReturnType<ReturnType<typeof createServer>['address']>;
  close(): unknown;
  closeAllConnections(): void;
}

async function listen(server: Server): Promise<Listening> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Hands requests on to a registry. */
function forward(registry: TestRegistry) {
  return (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const url = new URL(incoming.url ?? '/', registry.url);
    const { method, headers } = incoming;
    const path = `${url.pathname}${url.search}`;
    const onward = request(`${registry.url}${path}`, { method: method ?? 'GET', headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  };
}

/** The registry under https, by a certificate of an authority that nobody knows. */
async function startTls(rig: CliRig, registry: TestRegistry): Promise<Listening> {
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const files = ['-keyout', 'tls.key', '-out', 'tls.crt'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject, ...files], {
    cwd: rig.directory,
    stdio: 'ignore',
  });
  const [key, cert] = ['tls.key', 'tls.crt'].map((name) => readFileSync(join(rig.directory, name)));
  return listen(createTlsServer({ key, cert }, forward(registry)));
}

async function withSettings(
  settings: object | string,
): Promise<{ readonly rig: CliRig; readonly env: { readonly MCPGEN_REGISTRIES: string } }> {
  const rig = await cliRig({
    'registries.json': typeof settings === 'string' ? settings : JSON.stringify(settings),
  });
  return { rig, env: { MCPGEN_REGISTRIES: join(rig.directory, 'registries.json') } };
}

const inspect = (rig: CliRig, name: string, env: Readonly<Record<string, string>>) =>
  rig.run(['image', 'inspect', name, '--no-files', '--json'], { env });

describe('registries', () => {
  it('are read from their mirrors first, under the mirror’s own names, and from themselves where those fail', async () => {
    await using mirror = await startRegistry();
    await using registry = await startRegistry();
    const digest = await pushImage(mirror, 'hub/team/app');
    const mirrors = ['127.0.0.1:1', `${mirror.host}/hub`];
    const { rig, env } = await withSettings({ [registry.host]: { mirrors } });
    await using _ = rig;
    const ran = await inspect(rig, `${registry.host}/team/app:1`, env);
    expect([ran.code, ran.json().digest], ran.stdout).toEqual([0, digest]);
    await mirror.close();
    await pushImage(registry);
    expect((await inspect(rig, `${registry.host}/team/app:1`, env)).json().digest).toBe(digest);
  });

  it('are trusted by a certificate of one’s own, or not at all', async () => {
    await using registry = await startRegistry();
    const digest = await pushImage(registry);
    const { rig, env } = await withSettings({});
    await using _ = rig;
    await using tls = await startTls(rig, registry);
    const host = `localhost:${tls.port}`;
    const write = (settings: object) => rig.write({ 'registries.json': JSON.stringify({ [host]: settings }) });
    // Plain HTTP is what this machine's registries speak, unless certificates are told of.
    await write({ ca: 'tls.crt' });
    const trusted = await inspect(rig, `${host}/team/app:1`, env);
    expect([trusted.code, trusted.json().digest], trusted.stdout).toEqual([0, digest]);
    await write({ skipVerify: true });
    expect((await inspect(rig, `${host}/team/app:1`, env)).json().digest).toBe(digest);
    await write({ plainHttp: false });
    const refused = await inspect(rig, `${host}/team/app:1`, env);
    expect([refused.code, refused.json().code]).toEqual([3, 'REGISTRY_UNAVAILABLE']);
    expect(refused.json().message).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
  });

  it('are reached through the proxy of the environment, but not those on this machine', async () => {
    await using registry = await startRegistry();
    const digest = await pushImage(registry);
    const { rig, env } = await withSettings({ 'registry.example': { ca: 'tls.crt', skipVerify: true } });
    await using _ = rig;
    await using tls = await startTls(rig, registry);
    const asked: string[] = [];
    const server = createServer();
    server.on('connect', (incoming: IncomingMessage, client: Duplex, head: Buffer) => {
      asked.push(incoming.url ?? '');
      const onward = connect(tls.port, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        onward.write(head);
        onward.pipe(client).pipe(onward);
      });
      onward.on('error', () => client.destroy());
      client.on('error', () => onward.destroy());
    });
    await using proxy = await listen(server);
    const proxied = {
      ...env,
      HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
      HTTP_PROXY: `http://127.0.0.1:${proxy.port}`,
    };
    const ran = await inspect(rig, 'registry.example/team/app:1', proxied);
    expect([ran.code, ran.json().digest], ran.stdout).toEqual([0, digest]);
    expect(new Set(asked)).toEqual(new Set(['registry.example:443']));
    asked.length = 0;
    expect((await inspect(rig, `${registry.host}/team/app:1`, proxied)).json().digest).toBe(digest);
    expect(asked).toEqual([]);
    const around = await inspect(rig, 'registry.example/team/app:1', { ...proxied, NO_PROXY: 'example.com,.example' });
    expect(around.json().code).toBe('REGISTRY_UNAVAILABLE');
    expect(asked).toEqual([]);
  });

  it.each([
    ['no JSON', 'it is not JSON'],
    ['[]', 'expected an object of registries'],
    ['{"a.b":1}', 'expected an object for "a.b"'],
    ['{"a.b":{"mirror":["x"]}}', 'unknown field "a.b.mirror", expected ca, mirrors'],
    ['{"a.b":{"mirrors":"x"}}', 'expected a list of names as "a.b.mirrors"'],
    ['{"a.b":{"plainHttp":1}}', 'expected true or false as "a.b.plainHttp"'],
    ['{"a.b":{"ca":"nothing.pem"}}', 'the certificates cannot be read'],
  ])('are refused with the settings %s', async (settings, problem) => {
    const { rig, env } = await withSettings(settings);
    await using _ = rig;
    const ran = await inspect(rig, 'a.b/c:1', env);
    expect([ran.code, ran.json().code]).toEqual([2, 'REGISTRIES_INVALID']);
    expect(ran.json().message).toContain(problem);
  });
});
