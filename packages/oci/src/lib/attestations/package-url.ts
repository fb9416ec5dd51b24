import type { Digest } from '../digest.ts';
import { parseReference } from '../reference.ts';

/** `pkg:npm/%40scope/name@1.0.0`: https://github.com/package-url/purl-spec */
export function npmPurl({ name, version }: { readonly name: string; readonly version: string }): string {
  const path = name.split('/').map(encodeURIComponent).join('/');
  return `pkg:npm/${path}${version === '' ? '' : `@${encodeURIComponent(version)}`}`;
}

/** `pkg:oci/node@sha256%3A…?repository_url=docker.io/library/node&tag=24` */
export function ociPurl(name: string, digest: Digest): string {
  const { registry, repository, tag } = parseReference(name);
  const own = repository.slice(repository.lastIndexOf('/') + 1);
  const qualifiers = [
    `repository_url=${encodeURIComponent(`${registry}/${repository}`).replaceAll('%2F', '/')}`,
    ...(tag === undefined ? [] : [`tag=${encodeURIComponent(tag)}`]),
  ];
  return `pkg:oci/${encodeURIComponent(own)}@${encodeURIComponent(digest)}?${qualifiers.join('&')}`;
}
