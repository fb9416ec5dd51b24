import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';

/** Bytes in order. */
export type Content = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Starts the content anew at each call, so that a failed transfer can be tried again. */
export type OpenContent = () => Content;

/** A repository of a registry: where a blob can be mounted from. */
export interface Repository {
  /** Host and port: `ghcr.io`, `127.0.0.1:5000`. */
  readonly registry: string;
  /** `owner/name` */
  readonly repository: string;
}

/** Gives content by descriptor. */
export interface ContentReader {
  /** For messages: `registry "ghcr.io/a/b"`, `layout "/x"`. */
  readonly location: string;
  /** Whether the content is there, told without reading it. */
  has(descriptor: Descriptor): Promise<boolean>;
  /**
   * The content, checked while it streams: the iteration throws `SIZE_MISMATCH` or `DIGEST_MISMATCH` at its end at the
   * latest, so what came before the end counts for nothing until it is reached.
   */
  read(descriptor: Descriptor): AsyncIterable<Uint8Array>;
  /** The repository that holds the content, where that is known. */
  origin?(descriptor: Descriptor): Promise<Repository | undefined>;
}

/** Takes content whose descriptor is known. */
export interface ContentWriter {
  /** Stores the content, visible only when all of it has come and matches its descriptor. */
  write(descriptor: Descriptor, open: OpenContent): Promise<void>;
  /** Takes the content over from another repository without sending it; `false` when the target cannot. */
  mount?(descriptor: Descriptor, from: Repository): Promise<boolean>;
  /** Takes a manifest only when all it points to is there: one that is there needs no further look. */
  readonly rejectsIncomplete?: boolean;
}

/** Names for manifests. */
export interface TagStore {
  /**
   * The descriptor behind a tag or a digest.
   *
   * @throws {OciError} `TAG_NOT_FOUND`
   */
  resolve(reference: string): Promise<Descriptor>;
  /** Points a tag at a manifest that is there; replaces the tag in one step. */
  tag(descriptor: Descriptor, tag: string): Promise<void>;
}

/** Knows what speaks of a manifest: SBOMs, provenance, signatures. */
export interface ReferrerReader {
  /** Manifests whose `subject` has this digest, sorted by their own digests; none is no error. */
  referrers(subject: Digest): Promise<readonly Descriptor[]>;
}

/** Takes manifests that speak of another one. */
export interface ReferrerStore extends ReferrerReader {
  /** Makes a manifest that has been written known as a referrer of its subject. */
  attach(referrer: Descriptor, subject: Descriptor): Promise<void>;
}

/** A place for images: memory, a layout on disk, a repository of a registry. */
export interface ImageStore extends ContentReader, ContentWriter, TagStore {}

/** Takes content whose digest is not known before it has been written. */
export interface ContentIngester {
  /** Stores the content and says what its address is. */
  ingest(content: Content): Promise<{ readonly digest: Digest; readonly size: number }>;
}
