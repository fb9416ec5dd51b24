import { hash } from 'node:crypto';
import { compareBytes } from '../compare-bytes.ts';
import type { Digest } from '../digest.ts';
import { encodeJson } from '../json-document.ts';
import { describeLicense } from './describe-license.ts';
import { npmPurl, ociPurl } from './package-url.ts';

/** The media type of a CycloneDX document, as its specification registers it. */
export const SBOM_MEDIA_TYPE = 'application/vnd.cyclonedx+json';

/** A package whose code is in an image. */
export interface SbomPackage {
  /** `@scope/name` */
  readonly name: string;
  readonly version: string;
  /** What its package.json says: an SPDX identifier, an expression, or other words. */
  readonly license?: string;
}

/** What an image consists of, as far as its builder knows. */
export interface SbomParts {
  /** The server or application. */
  readonly name: string;
  readonly version: string;
  /** What made the image. */
  readonly tool: { readonly name: string; readonly version: string };
  readonly packages: readonly SbomPackage[];
  /** Absent where there is no base that has a name elsewhere. */
  readonly base?: { readonly name: string; readonly digest: Digest };
  /** Version of Node, where the builder put it there. */
  readonly node?: string;
}

/**
 * Makes a software bill of materials: CycloneDX 1.6 as JSON (https://cyclonedx.org/docs/1.6/json/). Pure: no time, no random
 * serial number; the same parts in any order give the same bytes.
 */
export function assembleSbom(parts: SbomParts): Buffer {
  const { name, version, tool, base, node } = parts;
  const components = [
    ...(base === undefined ? [] : [baseComponent(base)]),
    ...(node === undefined ? [] : [nodeComponent(node)]),
    ...packageComponents(parts.packages),
  ];
  const root = { type: 'container', 'bom-ref': 'image', name, version };
  const document = {
    metadata: { tools: { components: [{ type: 'application', ...tool }] }, component: root },
    components,
    dependencies: [
      { ref: 'image', dependsOn: components.map((component) => component['bom-ref']) },
      ...components.map((component) => ({ ref: component['bom-ref'] })),
    ],
  };
  return encodeJson({
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: serialNumber(JSON.stringify(document)),
    version: 1,
    ...document,
  });
}

function packageComponents(packages: readonly SbomPackage[]) {
  const byPurl = new Map(packages.map((found) => [npmPurl(found), found]));
  return [...byPurl]
    .sort(([a], [b]) => compareBytes(a, b))
    .map(([purl, found]) => ({
      type: 'library',
      'bom-ref': purl,
      ...splitName(found.name),
      version: found.version,
      scope: 'required',
      ...(found.license !== undefined && { licenses: describeLicense(found.license) }),
      purl,
    }));
}

function splitName(name: string): { readonly group?: string; readonly name: string } {
  const slash = name.indexOf('/');
  return name.startsWith('@') && slash > 0 ? { group: name.slice(0, slash), name: name.slice(slash + 1) } : { name };
}

function baseComponent({ name, digest }: { readonly name: string; readonly digest: Digest }) {
  const purl = ociPurl(name, digest);
  const hashes = [{ alg: 'SHA-256', content: digest.slice('sha256:'.length) }];
  return { type: 'container', 'bom-ref': purl, name, version: digest, hashes, purl };
}

function nodeComponent(version: string) {
  const purl = `pkg:generic/node@${version}`;
  const licenses = describeLicense('MIT');
  return { type: 'platform', 'bom-ref': purl, name: 'node', version, licenses, purl };
}

/** A UUID that stands for the content: RFC 9562, version 8. */
function serialNumber(text: string): string {
  const digits = hash('sha256', text, 'hex');
  const variant = ((Number.parseInt(digits.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  const parts = [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `8${digits.slice(13, 16)}`,
    `${variant}${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ];
  return `urn:uuid:${parts.join('-')}`;
}
