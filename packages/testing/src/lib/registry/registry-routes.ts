import { randomUUID } from 'node:crypto';
import { type Answer, answer, failure, json } from './answer.ts';
import { type RegistryContent, type RepositoryContent, sha256 } from './registry-content.ts';

/** A request with its body, as the routes see it. */
export interface RegistryRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** What a path of the distribution API means. */
export interface Route {
  readonly repository: string;
  readonly kind: 'blobs' | 'uploads' | 'manifests' | 'tags' | 'referrers';
  /** A digest, a tag or the id of an upload; empty where a new upload begins. */
  readonly name: string;
}

/** Reads a path below `/v2/`. */
export function parseRoute(path: string): Route | undefined {
  const [, repository, kind, name] =
    /^\/v2\/(.+)\/(blobs\/uploads|blobs|manifests|tags|referrers)\/([^/]*)$/.exec(path) ?? [];
  if (repository === undefined || name === undefined) return undefined;
  switch (kind) {
    case 'blobs/uploads':
      return { repository, kind: 'uploads', name };
    case 'blobs':
    case 'manifests':
    case 'tags':
    case 'referrers':
      return { repository, kind, name: decodeURIComponent(name) };
    default:
      return undefined;
  }
}

/** Answers requests of the distribution API from memory. */
export function registryRoutes(
  content: RegistryContent,
  { referrers }: { readonly referrers: boolean },
): (route: Route, request: RegistryRequest) => Answer {
  const answerUpload = uploadRoutes(content);

  return (route, request) => {
    const repository = content.repository(route.repository);
    switch (route.kind) {
      case 'blobs':
        return answerBlob(repository, route.name, request);
      case 'uploads':
        return answerUpload(repository, route, request);
      case 'manifests':
        return answerManifest(repository, route.name, { request, referrers });
      case 'tags':
        return json(200, { name: route.repository, tags: [...repository.tags.keys()].sort() });
      case 'referrers':
        return referrers ? listReferrers(repository, route.name) : failure(404, 'NOT_FOUND', 'no such route');
      default:
        return route.kind satisfies never;
    }
  };
}

/** Answers requests about uploads, which it remembers until they are done. */
function uploadRoutes(
  content: RegistryContent,
): (repository: RepositoryContent, route: Route, request: RegistryRequest) => Answer {
  const uploads = new Map<string, Buffer>();
  return answerUpload;

  function answerUpload(
    repository: RepositoryContent,
    route: Route,
    { method, url, headers, body }: RegistryRequest,
  ): Answer {
    const place = (id: string) => ({ location: `/v2/${route.repository}/blobs/uploads/${id}?state=secret` });
    if (method === 'POST') {
      const mount = url.searchParams.get('mount');
      const source =
        mount === null ? undefined : content.repository(url.searchParams.get('from') ?? '').blobs.get(mount);
      if (mount !== null && source !== undefined) {
        repository.blobs.set(mount, source);
        return answer(201, { location: `/v2/${route.repository}/blobs/${mount}`, 'docker-content-digest': mount });
      }
      const id = randomUUID();
      uploads.set(id, Buffer.alloc(0));
      return answer(202, place(id));
    }
    const before = uploads.get(route.name);
    if (before === undefined) return failure(404, 'BLOB_UPLOAD_UNKNOWN', 'upload unknown');
    const range = `0-${Math.max(0, before.length - 1)}`;
    if (method === 'GET') return answer(204, { ...place(route.name), range });
    const from = /^(\d+)-/.exec(String(headers['content-range'] ?? ''))?.[1];
    if (from !== undefined && Number(from) !== before.length) return answer(416, { ...place(route.name), range });
    const bytes = Buffer.concat([before, body]);
    if (method === 'PATCH') {
      uploads.set(route.name, bytes);
      return answer(202, { ...place(route.name), range: `0-${bytes.length - 1}` });
    }
    uploads.delete(route.name);
    if (method !== 'PUT') return answer(204);
    const digest = url.searchParams.get('digest') ?? '';
    if (sha256(bytes) !== digest)
      return failure(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content');
    repository.blobs.set(digest, bytes);
    return answer(201, { location: `/v2/${route.repository}/blobs/${digest}`, 'docker-content-digest': digest });
  }
}

function answerBlob({ blobs }: RepositoryContent, digest: string, { method, headers }: RegistryRequest): Answer {
  const blob = blobs.get(digest);
  if (blob === undefined) return failure(404, 'BLOB_UNKNOWN', 'blob unknown to registry');
  if (method === 'DELETE') return answer(blobs.delete(digest) ? 202 : 404);
  const shown = { 'docker-content-digest': digest, 'content-type': 'application/octet-stream' };
  const from = Number(/^bytes=(\d+)-$/.exec(String(headers.range ?? ''))?.[1] ?? 0);
  if (from === 0 || method === 'HEAD') return answer(200, shown, blob);
  return answer(
    206,
    { ...shown, 'content-range': `bytes ${from}-${blob.length - 1}/${blob.length}` },
    blob.subarray(from),
  );
}

interface ManifestRequest {
  readonly request: RegistryRequest;
  readonly referrers: boolean;
}

function answerManifest(repository: RepositoryContent, name: string, { request, referrers }: ManifestRequest): Answer {
  const { manifests, tags } = repository;
  if (request.method === 'PUT') return putManifest(repository, name, { request, referrers });
  const digest = tags.get(name) ?? name;
  const found = manifests.get(digest);
  if (found === undefined) return failure(404, 'MANIFEST_UNKNOWN', 'manifest unknown');
  if (request.method === 'DELETE') return answer(manifests.delete(digest) ? 202 : 404);
  return answer(200, { 'docker-content-digest': digest, 'content-type': found.mediaType }, found.bytes);
}

function putManifest(repository: RepositoryContent, name: string, { request, referrers }: ManifestRequest): Answer {
  const { headers, body } = request;
  const digest = sha256(body);
  if (name.includes(':') && name !== digest)
    return failure(400, 'DIGEST_INVALID', 'digest does not match the manifest');
  const missing = childrenOf(body).find((child) => !repository.blobs.has(child) && !repository.manifests.has(child));
  if (missing !== undefined) return failure(400, 'MANIFEST_BLOB_UNKNOWN', `blob unknown to registry: ${missing}`);
  repository.manifests.set(digest, { bytes: body, mediaType: String(headers['content-type']) });
  if (!name.includes(':')) repository.tags.set(name, digest);
  const { subject } = parseShape(body);
  const listed = referrers && subject !== undefined ? { 'oci-subject': subject.digest } : {};
  return answer(201, { 'docker-content-digest': digest, ...listed });
}

/** The manifests whose subject has this digest, as an index. */
function listReferrers({ manifests }: RepositoryContent, digest: string): Answer {
  const found = [...manifests].flatMap(([own, { bytes, mediaType }]) => {
    const { subject, artifactType, annotations } = parseShape(bytes);
    return subject?.digest === digest
      ? [{ mediaType, digest: own, size: bytes.length, artifactType, annotations }]
      : [];
  });
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  return json(200, { schemaVersion: 2, mediaType, manifests: found }, { 'content-type': mediaType });
}

interface ManifestShape {
  readonly subject?: { readonly digest: string };
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly config?: { readonly digest: string };
  readonly layers?: readonly { readonly digest: string }[];
  readonly manifests?: readonly { readonly digest: string }[];
}

function childrenOf(body: Buffer): readonly string[] {
  const { config, layers = [], manifests = [] } = parseShape(body);
  return [...(config ? [config] : []), ...layers, ...manifests].map(({ digest }) => digest);
}

function parseShape(body: Buffer): ManifestShape {
  return JSON.parse(body.toString('utf8'));
}
