import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openLayout, openRegistry, validateImage } from '@mcpgen/oci';
import { startRegistry, temporaryDirectory } from '@mcpgen/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { type CliRig, cliRig, ECHO } from './cli-rig.ts';

/** The layer of the host base takes seconds: these projects share a store. */
const store = await temporaryDirectory();
afterAll(store.remove);
const CONFIG = { 'mcpgen.config.json': JSON.stringify({ cache: { directory: store.path } }) };
const rigOf = () => cliRig({ 'tools/echo.ts': ECHO, ...CONFIG });

const BOTH = ['build', '--no-typecheck', '--json', '--sbom', '--provenance'];

interface ImageJson {
  readonly digest: `sha256:${string}`;
  readonly documents?: readonly { readonly kind: string; readonly file: string; readonly digest: string }[];
}

async function buildImage(rig: CliRig, args: readonly string[] = BOTH): Promise<ImageJson> {
  const ran = await rig.run(args);
  expect(ran.code, ran.stdout + ran.stderr).toBe(0);
  return ran.json().image as ImageJson;
}

const documentsOf = (rig: CliRig) =>
  ['dist/sbom.cdx.json', 'dist/provenance.intoto.json'].map((path) => JSON.parse(rig.read(path)));

describe('mcpgen build --sbom --provenance', () => {
  it('says what is in the image and how it was built, as referrers and as files', async () => {
    await using rig = await rigOf();
    const { digest, documents } = await buildImage(rig);
    const [sbom, provenance] = documentsOf(rig);
    const names = sbom.components.map(({ name, version }: { name: string; version: string }) => `${name}@${version}`);
    const zod = JSON.parse(rig.read('node_modules/zod/package.json')).version;
    expect(names).toContain(`zod@${zod}`);
    expect(names).toContain(`node@${process.versions.node}`);
    expect(sbom.components.find(({ name }: { name: string }) => name === 'zod').licenses).toEqual([
      { license: { id: 'MIT' } },
    ]);
    expect(provenance.subject).toEqual([{ name: 'demo', digest: { sha256: digest.slice(7) } }]);
    const { resolvedDependencies, externalParameters } = provenance.predicate.buildDefinition;
    expect(resolvedDependencies).toContainEqual({
      uri: 'file:tools/echo.ts',
      digest: { sha256: expect.stringMatching(/^[a-f0-9]{64}$/) },
    });
    expect(resolvedDependencies).toContainEqual({ uri: `pkg:npm/zod@${zod}` });
    expect(externalParameters).toMatchObject({ base: 'host', port: 3000 });

    const layout = await openLayout(join(rig.directory, 'dist/image'));
    const referrers = await layout.referrers(digest);
    expect(new Set(referrers.map((referrer) => referrer.digest))).toEqual(
      new Set(documents?.map((document) => document.digest)),
    );
    for (const referrer of referrers) expect(await validateImage(layout, referrer)).toEqual([]);
  });

  it('gives the same bytes in another directory, at another time, and does not change the image', async () => {
    await using one = await rigOf();
    await using two = await rigOf();
    const first = await buildImage(one);
    rmSync(join(two.directory, 'dist'), { recursive: true, force: true });
    const second = await buildImage(two, [...BOTH, '--no-cache']);
    expect(second).toEqual({ ...first, directory: join(two.directory, 'dist/image') });
    const index = (rig: CliRig) => rig.read('dist/image/index.json');
    expect(index(two)).toBe(index(one));
    const { digest, documents } = await buildImage(one, BOTH.slice(0, 3));
    expect([digest, documents]).toEqual([first.digest, undefined]);
  });

  it('keeps up with edits, and leaves nothing that is not true any more', async () => {
    await using rig = await rigOf();
    const first = await buildImage(rig);
    const before = documentsOf(rig);
    await rig.write({ 'tools/echo.ts': ECHO.replace('Says it again', 'Says it once more') });
    const second = await buildImage(rig);
    expect(second.digest).not.toBe(first.digest);
    const [sbom, provenance] = documentsOf(rig);
    expect(sbom).toEqual(before[0]);
    expect(provenance).not.toEqual(before[1]);
    const layout = await openLayout(join(rig.directory, 'dist/image'));
    expect(await layout.referrers(first.digest)).toEqual([]);
    expect(await layout.referrers(second.digest)).toHaveLength(2);

    rmSync(join(rig.directory, 'dist/sbom.cdx.json'));
    await buildImage(rig);
    expect(documentsOf(rig)[0]).toEqual(sbom);
    await buildImage(rig, BOTH.slice(0, 3));
    expect(existsSync(join(rig.directory, 'dist/sbom.cdx.json'))).toBe(false);
    expect(JSON.parse(readFileSync(join(rig.directory, 'dist/image/index.json'), 'utf8')).manifests).toHaveLength(1);
  });

  it.each([true, false])('are pushed with the image (registry with calls for referrers: %s)', async (referrers) => {
    await using registry = await startRegistry({ referrers });
    await using rig = await rigOf();
    const reference = `${registry.host}/team/echo:1.0`;
    const { digest } = await buildImage(rig, [...BOTH, '--push', reference]);
    const listed = await openRegistry(reference).referrers(digest);
    expect(listed.map(({ artifactType }) => artifactType).sort()).toEqual([
      'application/vnd.cyclonedx+json',
      'application/vnd.in-toto+json',
    ]);
    expect(registry.repository('team/echo').tags.has(digest.replace(':', '-'))).toBe(!referrers);
    registry.clearLog();
    await buildImage(rig, [...BOTH, '--push', reference]);
    expect(registry.requests.filter(({ method }) => method === 'POST')).toEqual([]);
    const shown = await rig.run(['image', 'inspect', reference, '--no-files']);
    expect(shown.stdout).toContain('application/vnd.cyclonedx+json');
  });
});
