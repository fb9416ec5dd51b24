import type { ServerResponse } from 'node:http';
import { zstdCompressSync } from 'node:zlib';
import { digestOf } from '@mcpgen/build-cache';
import type { TurborepoTierOptions } from '@mcpgen/build-cache/turborepo';
import { describe, expect, it } from 'vitest';
import { readTree } from './project.ts';
import { type Files, type Machine, machine, noise } from './remote-rig.ts';
import { type ListeningServer, listen, tierAt } from './turborepo-rig.ts';

const FILES: Files = { 'main.js': noise('main', 9000), 'small.js': 'small' };

/** Short: nothing here is measured, and a server that hangs is waited for as long as this. */
const patience = 400;

/** Answers a request of some method in its own way; the body is what a good server would send. */
type Fault = (response: ServerResponse, body: Buffer) => void;

/** A server that keeps what it gets in memory, until it is told to misbehave. */
interface FaultyServer extends ListeningServer {
  misbehave(method: string, fault: Fault): void;
  readonly kept: Map<string, { readonly body: Buffer; readonly tag: string | undefined }>;
}

async function faultyServer(): Promise<FaultyServer> {
  const kept: FaultyServer['kept'] = new Map();
  const faults = new Map<string, Fault>();
  const listening = await listen(async (request, response) => {
    const sent: Buffer[] = [];
    for await (const piece of request) sent.push(piece);
    const { method = '', url = '' } = request;
    const hash = url.slice(url.lastIndexOf('/') + 1);
    const artifact = kept.get(hash);
    const fault = faults.get(method);
    if (fault !== undefined) return fault(response, artifact?.body ?? Buffer.alloc(0));
    const tag = request.headers['x-artifact-tag'];
    if (method === 'PUT') kept.set(hash, { body: Buffer.concat(sent), tag: typeof tag === 'string' ? tag : undefined });
    // It does not know the query, as most open servers.
    if (method === 'PUT') return response.writeHead(200).end();
    if (artifact === undefined) return response.writeHead(404).end();
    response.writeHead(200, artifact.tag === undefined ? {} : { 'x-artifact-tag': artifact.tag });
    return method === 'HEAD' ? response.end() : response.end(artifact.body);
  });
  return { ...listening, kept, misbehave: (method, fault) => void faults.set(method, fault) };
}

const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): Fault =>
  (response) =>
    response.writeHead(code, headers).end();

const changed = (change: (body: Buffer) => Buffer): Fault => {
  return (response, body) => response.writeHead(200).end(change(Buffer.from(body)));
};

/** Whatever is asked. */
const REFUSALS: readonly (readonly [string, Fault, string])[] = [
  ['answers 401', status(401), '401'],
  ['answers 403', status(403), '403'],
  ['answers 418', status(418), '418'],
  ['answers 429 for an hour', status(429, { 'retry-after': '3600' }), '429'],
  ['answers 429 for no time, again and again', status(429, { 'retry-after': '0' }), '429'],
  ['answers 500', status(500), '500'],
  ['answers 503 for an hour', status(503, { 'retry-after': '3600' }), '503'],
  ['hangs', () => {}, 'waiting'],
  ['cuts the connection', (response) => response.destroy(), 'connection'],
  ['redirects to a file', status(307, { location: 'file:///etc/passwd' }), 'redirect'],
];

const WRONG: readonly (readonly [string, Fault, string])[] = [
  ['answers 409', status(409), '409'],
  ['redirects in a circle', status(302, { location: '/v8/artifacts/x' }), 'redirect'],
  ['sends a page', changed(() => Buffer.from('<html>log in to the network</html>')), 'expand'],
  ['sends nothing', changed(() => Buffer.alloc(0)), 'expand'],
  ['sends half', changed((body) => body.subarray(0, body.length / 2)), 'expand'],
  ['sends another byte', changed((body) => body.fill(body.readUInt8(99) ^ 1, 99, 100)), ''],
  [
    'cuts in the middle',
    (response, body) =>
      response.writeHead(200, { 'content-length': 9e6 }).write(body.subarray(0, 99), () => response.destroy()),
    '',
  ],
  ['stops in the middle', (response, body) => void response.writeHead(200).write(body.subarray(0, 99)), 'waiting'],
  ['never ends', (response) => void endless(response), ''],
  [
    'sends a manifest of 4 GB',
    changed(() => zstdCompressSync(Buffer.from('mcpgen-entry 1\nffffffff\n'))),
    'one of ours',
  ],
  ['sends another format', changed(() => zstdCompressSync(Buffer.from('mcpgen-entry 2\n00000001\nx'))), 'one of ours'],
  ['sends a bare manifest', changed(() => zstdCompressSync(Buffer.from('{"format":1}'))), 'less than'],
];

describe('a server of the Turborepo API that is read', () => {
  it.each([...REFUSALS, ...WRONG])('and %s costs one warning and a miss', async (_how, fault, says) => {
    await using server = await filledServer();
    await using m = await machine();
    server.misbehave('GET', fault);
    await expectOneWarning(m, server, says);
  });

  it('is left alone after three entries that could not be read', async () => {
    await using server = await filledServer();
    await using m = await machine();
    server.misbehave(
      'GET',
      changed(() => Buffer.from('no')),
    );
    const before = server.requests.length;
    await expectOneWarning(m, server, '');
    expect(server.requests.length - before).toBe(3);
  });

  it('is asked once where it asks for patience', async () => {
    await using server = await filledServer();
    await using m = await machine();
    server.misbehave('GET', status(429, { 'retry-after': '3600' }));
    const before = server.requests.length;
    await expectOneWarning(m, server, '429');
    expect(server.requests.length - before).toBe(1);
  });

  it('is not there: one warning', async () => {
    await using m = await machine();
    const gone = await filledServer();
    await gone[Symbol.asyncDispose]();
    await expectOneWarning(m, gone, 'connection failed');
  });

  it('costs all who wait together no more than its patience', async () => {
    await using server = await filledServer();
    await using m = await machine();
    server.misbehave('GET', () => {});
    const tier = tierAt(server, m, { patience });
    const keys = Array.from({ length: 40 }, (_, n) => digestOf(`${n}`));
    expect(new Set(await Promise.all(keys.map((key) => tier.fetch(key))))).toEqual(new Set([false]));
    expect(m.project.events.ofType('failed')).toHaveLength(1);
    // Eight at once, and none after patience was over.
    expect(server.requests.filter(({ method }) => method === 'GET')).toHaveLength(8);
  });
});

describe('a server of the Turborepo API that is written to', () => {
  it.each([...REFUSALS, ['redirects', status(307, { location: '/elsewhere' }), 'redirect'] as const])(
    'and %s costs one warning',
    async (_how, fault, says) => {
      for (const method of ['PUT', 'HEAD', 'POST']) {
        await using server = await faultyServer();
        await using m = await machine();
        server.misbehave(method, fault);
        const write = tierAt(server, m, { patience });
        for (const name of ['one', 'two', 'three', 'four']) await m.build({ write }, name, FILES);
        expect(await write.close()).toMatchObject({ entries: 0 });
        expect(m.project.events.ofType('failed')).toMatchObject([{ operation: `write to ${write.location}` }]);
        expect(m.project.events.ofType('failed')[0]?.message.toLowerCase()).toContain(says);
      }
    },
  );

  it('and answers 409 was written to by somebody else', async () => {
    await using server = await faultyServer();
    await using m = await machine();
    server.misbehave('PUT', status(409));
    const write = tierAt(server, m);
    await m.build({ write }, 'one', FILES);
    expect(await write.close()).toEqual({ entries: 0, bytes: 0 });
    expect(m.project.events.ofType('failed')).toEqual([]);
  });
});

describe('a server that redirects', () => {
  it('to another host gives the artifact, and its token stays', async () => {
    await using server = await filledServer();
    await using elsewhere = await listen((request, response) => {
      response.end(server.kept.get(request.url?.slice(1) ?? '')?.body);
    });
    await using m = await machine();
    const [[hash = '', artifact] = []] = server.kept;
    server.misbehave('GET', (response) => {
      const tag = artifact?.tag === undefined ? {} : { 'x-artifact-tag': artifact.tag };
      response.writeHead(302, { ...tag, location: `${elsewhere.url}/${hash}` }).end();
    });
    const tier = tierAt(server, m, { signatureKey: 'secret' });
    expect(await tier.fetch(`sha256:${hash}`)).toBe(true);
    await tier.close();
    expect(elsewhere.requests).toHaveLength(1);
    expect(elsewhere.requests[0]?.headers.authorization).toBeUndefined();
    expect(server.requests.every(({ headers }) => headers.authorization === 'Bearer a-writer')).toBe(true);
  });

  it.each([
    ['http of a server of https', 'https://cache.example.com', 'http://cache.example.com/x'],
    ['this machine', 'https://cache.example.com', 'https://127.0.0.1/x'],
    ['the metadata of a cloud', 'https://cache.example.com', 'https://169.254.169.254/x'],
    ['the same in IPv6', 'https://cache.example.com', 'https://[::ffff:169.254.169.254]/x'],
    ['a name of this machine', 'https://cache.example.com', 'https://cache.localhost/x'],
    ['a user', 'https://cache.example.com', 'https://me:secret@cache.example.com/x'],
  ])('to %s is not followed', async (_where, url, location) => {
    await using m = await machine();
    const asked: string[] = [];
    const fetch = async (target: string | URL | Request) => {
      asked.push(String(target));
      return new Response(null, { status: 302, headers: { location } });
    };
    const tier = tierAt({ url }, m, { fetch });
    expect(await tier.fetch(digestOf('step'))).toBe(false);
    expect(asked).toEqual([`${url}/v8/artifacts/${digestOf('step').slice(7)}`]);
    expect(m.project.events.ofType('failed')).toMatchObject([{ message: expect.stringContaining('redirects') }]);
  });
});

function endless(response: ServerResponse): void {
  const zeros = Buffer.alloc(65536);
  const write = (): void => {
    if (!response.destroyed) response.write(zeros, write);
  };
  response.writeHead(200);
  write();
}

async function filledServer(
  options: Partial<TurborepoTierOptions> = { signatureKey: 'secret' },
): Promise<FaultyServer> {
  const server = await faultyServer();
  await using m = await machine();
  const write = tierAt(server, m, options);
  for (const name of ['step', 'two', 'three', 'four']) await m.build({ write }, name, FILES);
  expect(await write.close()).toMatchObject({ entries: 4 });
  return server;
}

async function expectOneWarning(m: Machine, server: { readonly url: string }, says: string): Promise<void> {
  const tier = tierAt(server, m, { patience });
  for (const name of ['step', 'two', 'three', 'four']) {
    expect(await m.build({ read: [tier] }, name, FILES)).toMatchObject({ outcome: 'ran' });
  }
  await tier.close();
  expect(await readTree(m.project.back)).toEqual({});
  const failed = m.project.events.ofType('failed');
  expect(failed).toMatchObject([{ operation: `read from ${tier.location}` }]);
  expect(failed[0]?.message.toLowerCase()).toContain(says);
  // What was made meanwhile is kept here.
  expect(await m.build({}, 'step', {})).toEqual({ outcome: 'hit', tier: 'local' });
}
