import { describe, expect, it } from 'vitest';
import { parseIndex, parseManifest } from './manifest.ts';
import { MEDIA_TYPE } from './media-type.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const config = { mediaType: MEDIA_TYPE.config, digest, size: 2 };
const layer = { mediaType: MEDIA_TYPE.layerGzip, digest, size: 10 };
const manifest = { schemaVersion: 2, mediaType: MEDIA_TYPE.manifest, config, layers: [layer] };
const index = {
  schemaVersion: 2,
  mediaType: MEDIA_TYPE.index,
  manifests: [{ ...layer, mediaType: MEDIA_TYPE.manifest }],
};

const bytes = (value: object) => Buffer.from(JSON.stringify(value));
const read = (value: object, mediaType: string = MEDIA_TYPE.manifest) => parseManifest(bytes(value), mediaType);

describe('parseManifest', () => {
  it('reads a manifest, its own media type left out or not', () => {
    expect(read(manifest)).toEqual(manifest);
    expect(read({ ...manifest, mediaType: undefined })).toEqual(manifest);
  });

  it('drops fields it does not know from descriptors', () => {
    expect(read({ ...manifest, layers: [{ ...layer, data: 'AAAA', x: 1 }] }).layers).toEqual([layer]);
  });

  it.each([
    ['a digest that is a path', { layers: [{ ...layer, digest: 'sha256:../../x' }] }, 'DIGEST_INVALID'],
    ['no digest', { config: { ...config, digest: undefined } }, 'DIGEST_INVALID'],
    ['a negative size', { layers: [{ ...layer, size: -1 }] }, 'DOCUMENT_INVALID'],
    ['half a byte', { layers: [{ ...layer, size: 1.5 }] }, 'DOCUMENT_INVALID'],
    ['an absurd size', { layers: [{ ...layer, size: 2 ** 53 - 1 }] }, 'DOCUMENT_INVALID'],
    ['a size that is text', { layers: [{ ...layer, size: '10' }] }, 'DOCUMENT_INVALID'],
    ['a media type with a line break', { layers: [{ ...layer, mediaType: 'a/b\r\nx: y' }] }, 'DOCUMENT_INVALID'],
    ['foreign urls', { layers: [{ ...layer, urls: ['http://169.254.169.254/'] }] }, 'FOREIGN_LAYER'],
    [
      'a layer that must not be distributed',
      { layers: [{ ...layer, mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip' }] },
      'FOREIGN_LAYER',
    ],
    [
      "Docker's foreign layer",
      { layers: [{ ...layer, mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip' }] },
      'FOREIGN_LAYER',
    ],
    ['version 1', { schemaVersion: 1 }, 'DOCUMENT_INVALID'],
    ['another media type than announced', { mediaType: MEDIA_TYPE.index }, 'DOCUMENT_INVALID'],
    ['both layers and manifests', { manifests: [] }, 'DOCUMENT_INVALID'],
    ['no layers', { layers: undefined }, 'DOCUMENT_INVALID'],
    ['no configuration', { config: undefined }, 'DOCUMENT_INVALID'],
    ['a thousand and one layers', { layers: Array.from({ length: 1001 }, () => layer) }, 'DOCUMENT_INVALID'],
    ['annotations that are not strings', { annotations: { a: { b: 1 } } }, 'DOCUMENT_INVALID'],
  ])('refuses %s', (_, change, code) => {
    expect(() => read({ ...manifest, ...change })).toThrow(expect.objectContaining({ code }));
  });

  it('refuses two equal keys', () => {
    const text = JSON.stringify(manifest).replace('"size":10', '"size":10,"size":11');
    expect(() => parseManifest(Buffer.from(text), MEDIA_TYPE.manifest)).toThrow('the key "size" twice');
  });

  it('refuses to read an index as a manifest', () => {
    expect(() => parseManifest(bytes(index), MEDIA_TYPE.index)).toThrow('is not that of a manifest');
  });
});

describe('parseIndex', () => {
  it('reads an index with platforms', () => {
    const entry = {
      ...layer,
      mediaType: MEDIA_TYPE.manifest,
      platform: { os: 'linux', architecture: 'arm64', variant: 'v8' },
    };
    expect(parseIndex(bytes({ ...index, manifests: [entry] }), MEDIA_TYPE.index).manifests).toEqual([entry]);
  });

  it('refuses a manifest, and platforms without a name', () => {
    expect(() => parseIndex(bytes({ ...index, layers: [] }), MEDIA_TYPE.index)).toThrow(
      'a manifest and an index at once',
    );
    const nameless = { ...layer, platform: { os: 'linux' } };
    expect(() => parseIndex(bytes({ ...index, manifests: [nameless] }), MEDIA_TYPE.index)).toThrow(
      'must name "os" and "architecture"',
    );
  });
});
