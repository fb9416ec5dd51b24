import { createHash } from 'node:crypto';

/** A manifest as it was put. */
export interface StoredManifest {
  readonly bytes: Buffer;
  readonly mediaType: string;
}

/** What one repository holds. */
export interface RepositoryContent {
  readonly blobs: Map<string, Buffer>;
  /** By digest. */
  readonly manifests: Map<string, StoredManifest>;
  /** Digests by tag. */
  readonly tags: Map<string, string>;
}

/** Everything a registry holds. */
export interface RegistryContent {
  /** The repository of that name; made when it is not there. */
  repository(name: string): RepositoryContent;
  /** Stores a blob, whatever it is, and gives its digest. */
  putBlob(repository: string, bytes: Uint8Array): string;
  /** Stores a manifest without any check, under its digest and, where given, a tag; gives the digest. */
  putManifest(repository: string, bytes: Uint8Array, options: { mediaType: string; tag?: string }): string;
}

/** An empty registry. */
export function registryContent(): RegistryContent {
  const repositories = new Map<string, RepositoryContent>();
  const repository = (name: string): RepositoryContent => {
    const known = repositories.get(name);
    if (known !== undefined) return known;
    const made = { blobs: new Map(), manifests: new Map(), tags: new Map() };
    repositories.set(name, made);
    return made;
  };
  return {
    repository,
    putBlob(name, bytes) {
      const digest = sha256(bytes);
      repository(name).blobs.set(digest, Buffer.from(bytes));
      return digest;
    },
    putManifest(name, bytes, { mediaType, tag }) {
      const digest = sha256(bytes);
      const { manifests, tags } = repository(name);
      manifests.set(digest, { bytes: Buffer.from(bytes), mediaType });
      if (tag !== undefined) tags.set(tag, digest);
      return digest;
    },
  };
}

/** `sha256:` and 64 hexadecimal digits. */
export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
