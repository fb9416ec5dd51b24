import { compareBytes } from '../compare-bytes.ts';
import type { Digest } from '../digest.ts';
import { digestHex } from '../digest.ts';
import { encodeJson } from '../json-document.ts';

/** The media type of an in-toto statement. */
export const PROVENANCE_MEDIA_TYPE = 'application/vnd.in-toto+json';

/** What the statement says: provenance as SLSA has it, in its first version. */
export const PROVENANCE_TYPE = 'https://slsa.dev/provenance/v1';

/** Something that went into a build. */
export interface Material {
  /** `file:tools/echo.ts`, `pkg:npm/zod@4.6.7` */
  readonly uri: string;
  /** Absent where the builder did not see it in one piece. */
  readonly digest?: Digest;
}

/** How an image came to be. */
export interface ProvenanceParts {
  /** The image or index. */
  readonly subject: { readonly name: string; readonly digest: Digest };
  /** A URI that says what the parameters mean. */
  readonly buildType: string;
  /** What the author decides, as JSON. No secret may be in it. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What the builder decides. */
  readonly internalParameters?: Readonly<Record<string, unknown>>;
  readonly materials: readonly Material[];
  /** A URI, and the versions of its parts. */
  readonly builder: { readonly id: string; readonly version: Readonly<Record<string, string>> };
}

/**
 * Makes an in-toto statement with SLSA provenance: https://slsa.dev/spec/v1.1/provenance. Pure, and without a time, so that the
 * same build gives the same bytes.
 */
export function assembleProvenance(parts: ProvenanceParts): Buffer {
  const { subject, buildType, parameters, internalParameters, materials, builder } = parts;
  const byUri = new Map(materials.map((material) => [material.uri, material]));
  const resolved = [...byUri.values()]
    .sort((a, b) => compareBytes(a.uri, b.uri))
    .map(({ uri, digest }) => ({ uri, ...(digest !== undefined && { digest: { sha256: digestHex(digest) } }) }));
  return encodeJson({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: subject.name, digest: { sha256: digestHex(subject.digest) } }],
    predicateType: PROVENANCE_TYPE,
    predicate: {
      buildDefinition: {
        buildType,
        externalParameters: parameters,
        ...(internalParameters && { internalParameters }),
        resolvedDependencies: resolved,
      },
      runDetails: { builder },
    },
  });
}
