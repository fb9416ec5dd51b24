import type { StepOutput } from '@mcpgen/build-optimizer';
import {
  assembleProvenance,
  assembleReferrer,
  assembleSbom,
  type Base,
  type Descriptor,
  type Layout,
  type Material,
  PROVENANCE_MEDIA_TYPE,
  PROVENANCE_TYPE,
  type Referrer,
  SBOM_MEDIA_TYPE,
  writeReferrer,
} from '@mcpgen/oci';
import { version } from '../../version.ts';
import type { DocumentResult } from '../build-result.ts';
import { copiedPackages, type DocumentPlan, packageMaterials } from '../image-documents.ts';

/** An image that was written, and what is to be said about it. */
export interface DocumentedImage {
  readonly plan: DocumentPlan;
  readonly server: { readonly name: string; readonly version: string };
  /** The image or index. */
  readonly root: Descriptor;
  readonly bases: readonly Base[];
  /** The step that copied packages, where there is one. */
  readonly native: StepOutput | undefined;
}

/** Writes SBOM and provenance into the layout, as referrers of the image. No time is in them: the same build, the same bytes. */
export async function writeDocuments(layout: Layout, image: DocumentedImage): Promise<readonly DocumentResult[]> {
  const packages = [...image.plan.packages, ...copiedPackages(image.native)];
  const referrers: readonly (readonly [DocumentResult['kind'], string, Referrer])[] = [
    ...(image.plan.sbom ? [['sbom', 'sbom.cdx.json', sbom(image, packages)] as const] : []),
    ...provenance(image, packages),
  ];
  const written: DocumentResult[] = [];
  for (const [kind, file, referrer] of referrers) {
    await writeReferrer(layout, referrer);
    const [, content] = referrer.blobs;
    if (content === undefined) throw new TypeError('A referrer has its content');
    const { digest } = referrer.descriptor;
    written.push({ kind, file, digest, content: content.descriptor.digest, size: content.descriptor.size });
  }
  return written;
}

function sbom({ server, root, bases }: DocumentedImage, packages: DocumentPlan['packages']): Referrer {
  const [base] = bases;
  const named = base?.descriptor && { name: base.name, digest: base.descriptor.digest };
  const content = assembleSbom({
    name: server.name,
    version: server.version,
    tool: { name: 'mcpgen', version },
    packages,
    ...(named && { base: named }),
    ...(base?.name === 'host' && { node: process.versions.node }),
  });
  return assembleReferrer({ subject: root, mediaType: SBOM_MEDIA_TYPE, content });
}

function provenance(
  { plan, server, root, bases }: DocumentedImage,
  packages: DocumentPlan['packages'],
): readonly (readonly ['provenance', string, Referrer])[] {
  if (plan.provenance === undefined) return [];
  const { parameters, sources } = plan.provenance;
  const content = assembleProvenance({
    subject: { name: server.name, digest: root.digest },
    buildType: `${BUILDER}/build/v1`,
    parameters,
    internalParameters: { platform: `${process.platform}-${process.arch}` },
    materials: [...sources, ...packageMaterials(packages), ...baseMaterials(bases)],
    builder: { id: BUILDER, version: { mcpgen: version, node: process.versions.node } },
  });
  const annotations = { 'in-toto.io/predicate-type': PROVENANCE_TYPE };
  return [
    [
      'provenance',
      'provenance.intoto.json',
      assembleReferrer({ subject: root, mediaType: PROVENANCE_MEDIA_TYPE, content, annotations }),
    ],
  ];
}

/** Who built it: a URI, as the specification asks. Where it ran is for the one who signs to say. */
const BUILDER = 'https://www.npmjs.com/package/mcpgen';

/** By the digest of each platform's manifest. */
function baseMaterials(bases: readonly Base[]): readonly Material[] {
  return bases.flatMap(({ name, descriptor }) =>
    descriptor === undefined ? [] : [{ uri: `oci:${name}@${descriptor.digest}`, digest: descriptor.digest }],
  );
}
