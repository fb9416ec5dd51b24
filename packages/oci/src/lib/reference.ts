import { type Digest, isDigest } from './digest.ts';
import { referenceInvalid } from './errors.ts';

/** The parts of an image's name. */
export interface Reference {
  /** Host and port: `ghcr.io`, `docker.io`, `127.0.0.1:5000`. */
  readonly registry: string;
  /** `owner/name`; on docker.io `library/name` where no owner is given. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

// https://github.com/distribution/reference/blob/v0.6.0/regexp.go
const REGISTRY =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?$/;
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/**
 * Reads `ghcr.io/a/b:1`, `node`, `localhost:5000/x@sha256:…` into their parts, with Docker's defaults: no registry means
 * docker.io, and `library/` goes before a single name there. Neither tag nor digest stays so: the caller decides on `latest`.
 *
 * @throws {OciError} `REFERENCE_INVALID`
 */
export function parseReference(text: string): Reference {
  if (/^[a-z+]+:\/\//i.test(text)) throw referenceInvalid(text, 'expected no scheme such as "https://"');
  const { rest: named, digest } = cutDigest(text);
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const tag = hasTag ? named.slice(colon + 1) : undefined;
  if (tag !== undefined && !TAG.test(tag))
    throw referenceInvalid(text, 'its tag may have letters, digits, "_", "." and "-", at most 128');
  return {
    ...splitRegistry(hasTag ? named.slice(0, colon) : named, text),
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}

function cutDigest(text: string): { readonly rest: string; readonly digest?: Digest } {
  const at = text.indexOf('@');
  if (at < 0) return { rest: text };
  const digest = text.slice(at + 1);
  if (!isDigest(digest))
    throw referenceInvalid(text, 'after "@" expected "sha256:" and 64 lower-case hexadecimal digits');
  return { rest: text.slice(0, at), digest };
}

function splitRegistry(name: string, text: string): Pick<Reference, 'registry' | 'repository'> {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  // As Docker does: what stands before the first slash is a host when it has a dot or a port, or is localhost.
  const isHost = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  const registry = isHost ? normalRegistry(first) : 'docker.io';
  const path = isHost ? name.slice(slash + 1) : name;
  const repository = registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
  if (!REGISTRY.test(registry)) throw referenceInvalid(text, `"${first}" is not a host name`);
  if (!REPOSITORY.test(repository) || path === '') {
    const hint = /[A-Z]/.test(path)
      ? 'its name must be in lower case'
      : 'its name may have lower-case letters, digits, ".", "_", "-" and "/"';
    throw referenceInvalid(text, hint);
  }
  if (repository.length > 255) throw referenceInvalid(text, 'its name is longer than 255 characters');
  return { registry, repository };
}

function normalRegistry(host: string): string {
  const lower = host.toLowerCase();
  return lower === 'index.docker.io' || lower === 'registry-1.docker.io' ? 'docker.io' : lower;
}

/** The full name, such that parsing it gives the same parts. */
export function formatReference({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}
