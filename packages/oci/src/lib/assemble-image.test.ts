import { describe, expect, it } from 'vitest';
import { assembleImage, type Base, type ImageParts, scratchBase } from './assemble-image.ts';
import { digestBytes } from './digest.ts';
import { parseImageConfig } from './image-config.ts';
import { parseManifest } from './manifest.ts';
import { MEDIA_TYPE } from './media-type.ts';
import type { Layer } from './write-layer.ts';

const layer = (name: string, mediaType: string = MEDIA_TYPE.layerGzip): Layer => ({
  mediaType,
  digest: digestBytes(Buffer.from(name)),
  size: name.length,
  diffId: digestBytes(Buffer.from(`${name}.tar`)),
});

const platform = { os: 'linux', architecture: 'amd64' };
const base: Base = {
  name: 'ghcr.io/example/base:1',
  descriptor: { mediaType: MEDIA_TYPE.dockerManifest, digest: digestBytes(Buffer.from('base')), size: 4 },
  platform,
  config: {
    Env: ['PATH=/bin', 'LANG=C'],
    Entrypoint: ['/bin/sh'],
    Cmd: ['-c'],
    User: 'root',
    Labels: { a: '1' },
    Healthcheck: { Test: ['NONE'] },
  },
  layers: [layer('base', MEDIA_TYPE.dockerLayerGzip)],
  history: [{ created_by: 'ADD file' }, { created_by: 'ENV', empty_layer: true }],
};
const parts: ImageParts = {
  base,
  layers: [
    { layer: layer('deps'), createdBy: 'layer:deps' },
    { layer: layer('app', MEDIA_TYPE.layerZstd), createdBy: 'layer:app' },
  ],
  config: {
    entrypoint: ['node'],
    env: { PORT: '3000', LANG: 'C.UTF-8' },
    user: '65532',
    exposedPorts: ['3000/tcp'],
    labels: { b: '2', a: '3' },
  },
  platform,
};

describe('assembleImage', () => {
  it('puts the layers on top of the base, in OCI terms', () => {
    const { manifest, config, layers } = assembleImage(parts);
    expect(manifest.layers.map(({ digest }) => digest)).toEqual(
      ['base', 'deps', 'app'].map((name) => layer(name).digest),
    );
    expect(manifest.layers.map(({ mediaType }) => mediaType)).toEqual([
      MEDIA_TYPE.layerGzip,
      MEDIA_TYPE.layerGzip,
      MEDIA_TYPE.layerZstd,
    ]);
    expect(config.rootfs.diff_ids).toEqual(layers.map(({ diffId }) => diffId));
    expect(config.history.map(({ created_by }) => created_by)).toEqual(['ADD file', 'ENV', 'layer:deps', 'layer:app']);
  });

  it('merges the configuration with the base', () => {
    expect(assembleImage(parts).config.config).toEqual({
      Entrypoint: ['node'],
      Env: ['PATH=/bin', 'LANG=C.UTF-8', 'PORT=3000'],
      ExposedPorts: { '3000/tcp': {} },
      Healthcheck: { Test: ['NONE'] },
      Labels: { a: '3', b: '2' },
      User: '65532',
    });
  });

  it("drops the base's arguments with its entrypoint, and keeps them with it", () => {
    expect(assembleImage(parts).config.config.Cmd).toBeUndefined();
    expect(assembleImage({ ...parts, config: {} }).config.config.Cmd).toEqual(['-c']);
    expect(assembleImage({ ...parts, config: { cmd: ['x'] } }).config.config).toMatchObject({
      Entrypoint: ['/bin/sh'],
      Cmd: ['x'],
    });
  });

  it('describes its own bytes, which can be read back', () => {
    const { descriptor, manifest, config, bytes } = assembleImage(parts);
    expect(descriptor).toEqual({
      mediaType: MEDIA_TYPE.manifest,
      digest: digestBytes(bytes.manifest),
      size: bytes.manifest.length,
      platform,
    });
    expect(manifest.config.digest).toBe(digestBytes(bytes.config));
    expect(parseManifest(bytes.manifest, MEDIA_TYPE.manifest)).toEqual(manifest);
    expect(parseImageConfig(bytes.config)).toEqual(config);
  });

  it('gives the same bytes for keys in any order, at any time', () => {
    const turned = {
      ...parts,
      config: { ...parts.config, env: { LANG: 'C.UTF-8', PORT: '3000' }, labels: { a: '3', b: '2' } },
    };
    expect(assembleImage(turned).descriptor).toEqual(assembleImage(parts).descriptor);
    expect(assembleImage(parts).config.created).toBe('1970-01-01T00:00:00Z');
    expect(assembleImage({ ...parts, created: new Date(1_700_000_000_000) }).config.created).toBe(
      '2023-11-14T22:13:20Z',
    );
  });

  it('names the base in annotations', () => {
    const { manifest } = assembleImage({ ...parts, annotations: { 'org.opencontainers.image.version': '1' } });
    expect(manifest.annotations).toEqual({
      'org.opencontainers.image.base.digest': base.descriptor?.digest,
      'org.opencontainers.image.base.name': 'ghcr.io/example/base:1',
      'org.opencontainers.image.version': '1',
    });
    expect(assembleImage({ ...parts, base: scratchBase }).manifest.annotations).toBeUndefined();
  });

  it('makes up the history of a base that does not tell of each layer', () => {
    const { config } = assembleImage({ ...parts, base: { ...base, history: [] } });
    expect(config.history[0]).toEqual({ created_by: 'base ghcr.io/example/base:1' });
    expect(config.history).toHaveLength(3);
  });

  it('keeps hostile labels as data', () => {
    const labels = { '$(reboot)': '`reboot`\n"', constructor: 'y' };
    const { config } = assembleImage({ ...parts, base: scratchBase, config: { labels } });
    expect(config.config.Labels).toMatchObject({ '$(reboot)': '`reboot`\n"', constructor: 'y' });
  });

  it('refuses a base of another platform', () => {
    expect(() => assembleImage({ ...parts, platform: { os: 'linux', architecture: 'arm64' } })).toThrow(
      'Cannot build on the base "ghcr.io/example/base:1": it is for linux/amd64, not for linux/arm64',
    );
  });
});
