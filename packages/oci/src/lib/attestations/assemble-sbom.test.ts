import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { describe, expect, it } from 'vitest';
import { assembleProvenance } from './assemble-provenance.ts';
import { assembleSbom, type SbomParts } from './assemble-sbom.ts';
import { npmPurl, ociPurl } from './package-url.ts';

const DIGEST = `sha256:${'a'.repeat(64)}` as const;
const PARTS: SbomParts = {
  name: 'weather',
  version: '1.0.0',
  tool: { name: 'mcpgen', version: '1.2.3' },
  packages: [
    { name: 'zod', version: '4.6.7', license: 'MIT' },
    { name: '@scope/name', version: '1.0.0-rc.1+5', license: '(MIT OR Apache-2.0)' },
    { name: 'odd', version: '0.0.1', license: 'SEE LICENSE IN LICENSE.txt' },
    { name: 'none', version: '2.0.0' },
  ],
};

const parsed = (parts: SbomParts) => JSON.parse(assembleSbom(parts).toString());

describe('assembleSbom', () => {
  it.each([
    ['packages alone', PARTS],
    ['nothing but a name', { ...PARTS, packages: [] }],
    ['a base', { ...PARTS, base: { name: 'node:24-slim', digest: DIGEST } }],
    ['Node', { ...PARTS, node: '24.21.0' }],
  ])('is CycloneDX 1.6 as its schema has it: %s', async (_, parts) => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    expect(await validator.validate(assembleSbom(parts).toString())).toBeNull();
  });

  it('names packages with purl and license, sorted', () => {
    const { components, dependencies } = parsed(PARTS);
    expect(components).toEqual([
      {
        type: 'library',
        'bom-ref': 'pkg:npm/%40scope/name@1.0.0-rc.1%2B5',
        group: '@scope',
        name: 'name',
        version: '1.0.0-rc.1+5',
        scope: 'required',
        licenses: [{ expression: '(MIT OR Apache-2.0)' }],
        purl: 'pkg:npm/%40scope/name@1.0.0-rc.1%2B5',
      },
      expect.objectContaining({ name: 'none' }),
      expect.objectContaining({ name: 'odd', licenses: [{ license: { name: 'SEE LICENSE IN LICENSE.txt' } }] }),
      expect.objectContaining({ name: 'zod', licenses: [{ license: { id: 'MIT' } }] }),
    ]);
    expect(dependencies[0]).toEqual({
      ref: 'image',
      dependsOn: components.map((component: { 'bom-ref': string }) => component['bom-ref']),
    });
  });

  it('is the same bytes for the same parts in any order, and has another serial number for others', () => {
    const reversed = { ...PARTS, packages: [...PARTS.packages, ...PARTS.packages].reverse() };
    expect(assembleSbom(reversed).equals(assembleSbom(PARTS))).toBe(true);
    const { serialNumber } = parsed(PARTS);
    expect(serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(parsed({ ...PARTS, version: '1.0.1' }).serialNumber).not.toBe(serialNumber);
  });
});

describe('assembleProvenance', () => {
  const PROVENANCE = {
    subject: { name: 'weather', digest: DIGEST },
    buildType: 'https://example.com/build/v1',
    parameters: { base: 'host' },
    materials: [{ uri: 'pkg:npm/zod@4.6.7' }, { uri: 'file:tools/a.ts', digest: DIGEST }],
    builder: { id: 'https://example.com', version: { tool: '1' } },
  };

  it('is an in-toto statement with SLSA provenance', () => {
    expect(JSON.parse(assembleProvenance(PROVENANCE).toString())).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'weather', digest: { sha256: 'a'.repeat(64) } }],
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: {
        buildDefinition: {
          buildType: 'https://example.com/build/v1',
          externalParameters: { base: 'host' },
          resolvedDependencies: [
            { uri: 'file:tools/a.ts', digest: { sha256: 'a'.repeat(64) } },
            { uri: 'pkg:npm/zod@4.6.7' },
          ],
        },
        runDetails: { builder: { id: 'https://example.com', version: { tool: '1' } } },
      },
    });
  });

  it('is the same bytes for the same materials in any order', () => {
    const other = assembleProvenance({ ...PROVENANCE, materials: [...PROVENANCE.materials].reverse() });
    expect(other.equals(assembleProvenance(PROVENANCE))).toBe(true);
  });
});

describe('package URLs', () => {
  it.each([
    [npmPurl({ name: 'a', version: '1' }), 'pkg:npm/a@1'],
    [npmPurl({ name: '@a/b', version: '1.0.0' }), 'pkg:npm/%40a/b@1.0.0'],
    [
      ociPurl('node:24', DIGEST),
      `pkg:oci/node@sha256%3A${'a'.repeat(64)}?repository_url=docker.io/library/node&tag=24`,
    ],
    [ociPurl('127.0.0.1:5000/a/b', DIGEST), `pkg:oci/b@sha256%3A${'a'.repeat(64)}?repository_url=127.0.0.1%3A5000/a/b`],
  ])('%s', (given, expected) => expect(given).toBe(expected));
});
