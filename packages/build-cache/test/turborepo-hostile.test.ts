import { zstdCompressSync } from 'node:zlib';
import { digestOf } from '@mcpgen/build-cache';
import { describe, expect, it } from 'vitest';
import { sealText } from '../src/lib/sealed-file.ts';
import { encodeHead } from '../src/lib/turborepo/artifact-format.ts';
import { signArtifact } from '../src/lib/turborepo/sign-artifact.ts';
import { readTree } from './project.ts';
import { machine } from './remote-rig.ts';
import { listen, tierAt } from './turborepo-rig.ts';

const KEY = digestOf('step');
const EVIL = Buffer.from('evil');

interface ForgedFile {
  readonly path: string;
  readonly mode?: number;
  readonly bytes?: Buffer;
  readonly size?: number;
}

/** A manifest that is sealed and consistent but for what the attack is about; its bodies follow it. */
function manifestOf(files: readonly ForgedFile[], facts: Readonly<Record<string, unknown>> = {}): Buffer {
  const digests = files.map(({ bytes = EVIL }) => digestOf(bytes));
  const rows = files.map(({ path, mode = 0o644 }, n) => [path, mode, digests[n]]);
  const output = digestOf(`${JSON.stringify(rows)}\nnull`);
  const listed = files.map(({ path, mode = 0o644, bytes = EVIL, size = bytes.length }, n) => {
    return [path, mode, size, digests[n]?.slice(7)];
  });
  const head = { format: 1, key: KEY, step: 'step', created: 1, duration: 1, output, files: listed, value: null };
  return Buffer.from(sealText(JSON.stringify({ ...head, ...facts })));
}

function artifactOf(manifest: Buffer, ...bodies: readonly Buffer[]): Buffer {
  return zstdCompressSync(Buffer.concat([encodeHead(manifest), manifest, ...bodies]));
}

const zeros = Buffer.alloc(200_000_000);
const named = (path: string, mode = 0o644): Buffer => artifactOf(manifestOf([{ path, mode }]), EVIL);

const ATTACKS: readonly (readonly [string, Buffer])[] = [
  ['a name with ..', named('../evil')],
  ['a name with .. inside', named('a/../../evil')],
  ['an absolute name', named('/tmp/mcpgen-evil')],
  ['a drive', named('C:/evil')],
  ['a backslash', named('..\\evil')],
  ['a NUL', named('a\u0000b')],
  ['names that collide by case', artifactOf(manifestOf([{ path: 'README' }, { path: 'readme' }]), EVIL)],
  [
    'names that collide by normalisation',
    artifactOf(manifestOf([{ path: 'caf\u00e9' }, { path: 'cafe\u0301' }]), EVIL),
  ],
  ['a file as a directory', artifactOf(manifestOf([{ path: 'a' }, { path: 'a/b' }]), EVIL)],
  ['a set-user-id bit', named('a', 0o4755)],
  ['a link', named('a', 0o120777)],
  ['a device', named('a', 0o020666)],
  ['65 directories', named(`${'a/'.repeat(65)}b`)],
  ['another key', artifactOf(manifestOf([{ path: 'a' }], { key: digestOf('another') }), EVIL)],
  ['another format', artifactOf(manifestOf([{ path: 'a' }], { format: 2 }), EVIL)],
  ['a body that is not its digest', artifactOf(manifestOf([{ path: 'a' }]), Buffer.from('good'))],
  ['no body', artifactOf(manifestOf([{ path: 'a' }]))],
  ['more than it announces', artifactOf(manifestOf([{ path: 'a' }]), EVIL, EVIL)],
  ['a body longer than announced', artifactOf(manifestOf([{ path: 'a', size: 2 }]), EVIL)],
  ['a body of a petabyte', artifactOf(manifestOf([{ path: 'a', size: 2 ** 50 }]), EVIL)],
  ['200 MB of zeros', artifactOf(manifestOf([{ path: 'a', bytes: zeros }]), zeros)],
  ['200 MB behind what it announces', artifactOf(manifestOf([{ path: 'a' }]), EVIL, zeros)],
];

describe('a server of the Turborepo API whose artifact has', () => {
  it.each(ATTACKS)('%s: a miss and one warning, and nothing is written', async (_what, artifact) => {
    await using server = await listen((_request, response) => response.end(artifact));
    await using m = await machine();
    const tier = tierAt(server, m);
    expect(await m.build({ read: [tier] }, 'step', { 'a.js': 'good' })).toMatchObject({ outcome: 'ran' });
    await tier.close();
    expect(await readTree(m.project.back)).toEqual({});
    expect(m.project.events.ofType('failed')).toMatchObject([{ operation: `read from ${tier.location}` }]);
    expect(await m.build({}, 'step', {})).toEqual({ outcome: 'hit', tier: 'local' });
    expect(await readTree(m.project.back)).toEqual({ 'a.js': 'good' });
  });

  it('no end is cut, once it has what it announces', async () => {
    const zeros = Buffer.alloc(1_000_000);
    await using server = await listen((_request, response) => {
      const more = (): void => void (response.destroyed || response.write(zeros, more));
      response.write(named('a'), more);
    });
    await using m = await machine();
    const tier = tierAt(server, m);
    expect(await tier.fetch(KEY)).toBe(false);
    expect(m.project.events.ofType('failed')).toMatchObject([{ message: expect.stringContaining('more than') }]);
  });

  it('nothing wrong is used: the forger of this test forges well', async () => {
    await using server = await listen((_request, response) => response.end(named('a')));
    await using m = await machine();
    expect(await m.build({ read: [tierAt(server, m)] }, 'step', {})).toMatchObject({ outcome: 'hit' });
    expect(await readTree(m.project.back)).toEqual({ a: 'evil' });
  });
});

describe('a signed artifact', () => {
  const signatureKey = 'secret';

  it.each([
    ['under its name and team', { hash: KEY.slice(7), scope: 'team' }, true],
    ['under another name', { hash: digestOf('other').slice(7), scope: 'team' }, false],
    ['in another team', { hash: KEY.slice(7), scope: 'other' }, false],
    ['with a break between the two elsewhere', { hash: `${KEY.slice(7)}\nte`, scope: 'am' }, false],
  ])('%s (%o): believed %s', async (_where, name, believed) => {
    const artifact = named('a');
    const signer = signArtifact(signatureKey, name);
    signer.update(artifact);
    await using server = await listen((_, response) => {
      response.writeHead(200, { 'x-artifact-tag': signer.tag() }).end(artifact);
    });
    await using m = await machine();
    expect(await tierAt(server, m, { signatureKey, slug: 'team' }).fetch(KEY)).toBe(believed);
  });

  it.each([
    ['cut', -1],
    ['longer', 1],
  ])('that was %s is refused', async (_how, change) => {
    const artifact = named('a');
    const signer = signArtifact(signatureKey, { hash: KEY.slice(7), scope: '' });
    signer.update(artifact);
    const sent = change < 0 ? artifact.subarray(0, change) : Buffer.concat([artifact, EVIL]);
    await using server = await listen((_, response) => {
      response.writeHead(200, { 'x-artifact-tag': signer.tag() }).end(sent);
    });
    await using m = await machine();
    expect(await tierAt(server, m, { signatureKey }).fetch(KEY)).toBe(false);
    expect(m.near.exchange.hasEntry(KEY)).toBe(false);
  });

  it.each(['', 'x', '\u00e4', 'A'.repeat(44), '='.repeat(44)])('with the tag "%s" is refused', async (tag) => {
    await using server = await listen((_, response) => {
      response.writeHead(200, { 'x-artifact-tag': tag }).end(named('a'));
    });
    await using m = await machine();
    expect(await tierAt(server, m, { signatureKey }).fetch(KEY)).toBe(false);
  });
});
