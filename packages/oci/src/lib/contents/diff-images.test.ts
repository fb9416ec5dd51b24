import { describe, expect, it } from 'vitest';
import { assembleImage, scratchBase } from '../assemble-image.ts';
import { digestBytes } from '../digest.ts';
import type { Image } from '../image.ts';
import { MEDIA_TYPE } from '../media-type.ts';
import { diffFiles } from './diff-files.ts';
import { diffImages } from './diff-images.ts';
import type { LayerFile } from './list-layer.ts';

/** An image of layers such as `deps=1`: what made it, and what it holds. */
function image(layers: readonly string[], config: Parameters<typeof assembleImage>[0]['config'] = {}): Image {
  return assembleImage({
    base: scratchBase,
    layers: layers.map((text) => {
      const digest = digestBytes(Buffer.from(text));
      const [createdBy = ''] = text.split('=');
      return { layer: { mediaType: MEDIA_TYPE.layerGzip, digest, size: 1, diffId: digest }, createdBy };
    }),
    config,
    platform: { os: 'linux', architecture: 'amd64' },
  });
}

const pairs = (before: readonly string[], after: readonly string[]) =>
  diffImages(image(before), image(after)).layers.map((pair) => [
    pair.kind,
    'before' in pair ? pair.before.createdBy : null,
    'after' in pair ? pair.after.createdBy : null,
  ]);

describe('diffImages', () => {
  it.each([
    ['the same', ['a=1', 'b=1'], ['a=1', 'b=1'], ['same a a', 'same b b']],
    ['one changed', ['a=1', 'b=1'], ['a=1', 'b=2'], ['same a a', 'changed b b']],
    ['one more on top', ['a=1'], ['a=1', 'b=1'], ['same a a', 'added - b']],
    ['one less', ['a=1', 'b=1', 'c=1'], ['a=1', 'c=1'], ['same a a', 'removed b -', 'same c c']],
    ['one between', ['a=1', 'c=1'], ['a=1', 'b=1', 'c=1'], ['same a a', 'added - b', 'same c c']],
    ['the base', ['base=1', 'a=1'], ['base=2', 'a=1'], ['changed base base', 'same a a']],
    ['another command', ['RUN x=1', 'a=1'], ['RUN y=1', 'a=1'], ['changed RUN x RUN y', 'same a a']],
    ['nothing in common', ['a=1'], ['b=1', 'c=1'], ['removed a -', 'added - b', 'added - c']],
  ])('pairs layers: %s', (_, before, after, expected) => {
    expect(pairs(before, after).map((pair) => pair.map((part) => part ?? '-').join(' '))).toEqual(expected);
  });

  it('names each value of the configuration that differs', () => {
    const before = image(['a=1'], { env: { A: '1', B: '1' }, labels: { x: '1' }, cmd: ['a'], exposedPorts: ['1/tcp'] });
    const after = image(['a=1'], { env: { A: '2', C: '1' }, labels: { x: '1' }, cmd: ['b'] });
    expect(diffImages(before, after).values).toEqual([
      { name: 'config.Cmd', before: ['a'], after: ['b'] },
      { name: 'config.Env.A', before: '1', after: '2' },
      { name: 'config.Env.B', before: '1' },
      { name: 'config.Env.C', after: '1' },
      { name: 'config.ExposedPorts.1/tcp', before: true },
    ]);
  });
});

describe('diffFiles', () => {
  const file = (path: string, facts: Partial<LayerFile> = {}): LayerFile => ({
    kind: 'file',
    path,
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: 1,
    digest: digestBytes(Buffer.from(path)),
    ...facts,
  });

  it('says what is not the same, path by path', () => {
    const before = [file('a'), file('b'), file('c'), file('d'), file('e', { kind: 'symlink', target: 'x' })];
    const after = [
      file('a'),
      file('b', { digest: digestBytes(Buffer.from('other')), size: 5 }),
      file('c', { mode: 0o755, uid: 1 }),
      file('e', { kind: 'symlink', target: 'y' }),
      file('f', { size: 3 }),
    ];
    expect(diffFiles(before, after)).toEqual([
      { path: 'b', kind: 'changed', aspects: ['content'], before: 1, after: 5 },
      { path: 'c', kind: 'changed', aspects: ['mode', 'owner'], before: 1, after: 1 },
      { path: 'd', kind: 'removed', aspects: [], before: 1, after: 0 },
      { path: 'e', kind: 'changed', aspects: ['target'], before: 1, after: 1 },
      { path: 'f', kind: 'added', aspects: [], before: 0, after: 3 },
    ]);
  });
});
