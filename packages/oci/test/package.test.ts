import * as oci from '@mcpgen/oci';
import { temporaryDirectory } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';

describe('@mcpgen/oci', () => {
  it('exports what its README describes, and nothing else', () => {
    expect(Object.keys(oci).sort()).toEqual([
      'MEDIA_TYPE',
      'NONROOT_USER',
      'OciError',
      'PROVENANCE_MEDIA_TYPE',
      'PROVENANCE_TYPE',
      'SBOM_MEDIA_TYPE',
      'assembleImage',
      'assembleIndex',
      'assembleProvenance',
      'assembleReferrer',
      'assembleSbom',
      'checkKey',
      'copyBlobs',
      'copyImage',
      'createLayout',
      'diffFiles',
      'diffImages',
      'digestBytes',
      'dockerCredentials',
      'formatPlatform',
      'formatReference',
      'hostBaseOf',
      'imageArchive',
      'isDigest',
      'joinStores',
      'layerTar',
      'limitStore',
      'listLayer',
      'memoryStore',
      'mirroredRegistry',
      'namedLayers',
      'npmPurl',
      'ociPurl',
      'openArchive',
      'openLayout',
      'openRegistry',
      'parseDigest',
      'parseReference',
      'planHostBase',
      'platformOf',
      'readBase',
      'readImages',
      'readManifestOrIndex',
      'readRuntime',
      'rebaseImage',
      'scratchBase',
      'signImage',
      'validateImage',
      'verifyImage',
      'writeHostBase',
      'writeImage',
      'writeImageArchive',
      'writeIndex',
      'writeLayer',
      'writeReferrer',
    ]);
  });

  it('builds the same image in two directories', async () => {
    const build = async (): Promise<string> => {
      await using directory = await temporaryDirectory();
      const layout = await oci.createLayout(directory.path);
      const entries = [{ kind: 'file', path: 'app/main.js', source: Buffer.from('main') }] as const;
      const layer = await oci.writeLayer(entries, { target: layout, compression: 'zstd' });
      const platform = { os: 'linux', architecture: 'amd64' };
      const image = oci.assembleImage({
        base: oci.scratchBase,
        layers: [{ layer, createdBy: 'app' }],
        config: {},
        platform,
      });
      await oci.writeImage(layout, image, { tags: ['latest'] });
      expect(await oci.validateImage(layout, await layout.resolve('latest'))).toEqual([]);
      return image.descriptor.digest;
    };
    expect(await build()).toBe(await build());
  });
});
