import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Grant } from './access-tokens.ts';
import { artifactHeaders, Refusal, sendJson, sendMiss } from './answers.ts';
import { type ArtifactRoute, durationOf, keptHeaders } from './artifact-request.ts';
import type { ArtifactName, ArtifactShelf, ShelvedArtifact } from './artifact-shelf.ts';
import { discardBody, readBody, receiveBody } from './request-body.ts';

/** One request of somebody who may ask. */
export interface ServedRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly grant: Grant;
  readonly shelf: ArtifactShelf;
  /** Bytes. */
  readonly maxArtifact: number;
}

/** Bytes of a body that is no artifact. */
const MAX_TEXT = 1024 * 1024;

/** Hashes in one query. */
const MAX_HASHES = 1000;

/** Answers a request. Throws `Refusal` where it may not be done, and what goes wrong on the way. */
export async function serveArtifacts(route: ArtifactRoute, served: ServedRequest): Promise<void> {
  const { request, response } = served;
  switch (route.kind) {
    case 'status':
      return sendJson(response, 200, { status: 'enabled' });
    case 'events':
      await discardBody(request, MAX_TEXT);
      return sendJson(response, 200, {});
    case 'query':
      return answerQuery(route.team, served);
    case 'artifact':
      if (request.method === 'PUT') return putArtifact(route, served);
      return request.method === 'HEAD' ? headArtifact(route, served) : getArtifact(route, served);
    default:
      return route satisfies never;
  }
}

type Artifact = Pick<ArtifactName, 'protocol' | 'team' | 'hash'>;

/** The team's own first: what somebody put into a namespace never stands in front of it. */
function readableNames({ protocol, team, hash }: Artifact, { namespace }: Grant): ArtifactName[] {
  const own = { protocol, team, hash, namespace: '' };
  return namespace === '' ? [own] : [own, { ...own, namespace }];
}

async function find(artifact: Artifact, { shelf, grant }: ServedRequest): Promise<ShelvedArtifact | undefined> {
  for (const name of readableNames(artifact, grant)) {
    const found = await shelf.find(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function headArtifact(artifact: Artifact, served: ServedRequest): Promise<void> {
  const found = await find(artifact, served);
  if (found === undefined) sendMiss(served.response);
  else served.response.writeHead(200, artifactHeaders(found)).end();
}

async function getArtifact(artifact: Artifact, { response, shelf, grant }: ServedRequest): Promise<void> {
  for (const name of readableNames(artifact, grant)) {
    const sent = await shelf.take(name, async (file, found) => {
      response.writeHead(200, artifactHeaders(found));
      await pipeline(createReadStream(file), response);
      return true;
    });
    if (sent === true) return;
  }
  sendMiss(response);
}

async function putArtifact(artifact: Artifact, served: ServedRequest): Promise<void> {
  const { request, shelf, grant, maxArtifact } = served;
  const { right, namespace } = grant;
  if (right !== 'write') throw new Refusal(403, 'forbidden', 'the token may only read');
  if ((await find(artifact, served)) !== undefined) {
    await discardBody(request, maxArtifact);
    // To turbo that is a success; Nx asks to be told.
    if (artifact.protocol === 'nx') throw new Refusal(409, 'conflict', 'it is there already');
    return sendStored(artifact, served);
  }
  const facts = { duration: durationOf(request), headers: keptHeaders(request) };
  const name = { ...artifact, namespace };
  const kept = await shelf.put(name, facts, (file) => receiveBody(request, file, maxArtifact));
  // No 5xx: turbo would send it again.
  if (!kept) throw new Refusal(412, 'not_stored', 'the store could not keep it');
  sendStored(artifact, served);
}

function sendStored({ protocol }: Artifact, { response }: ServedRequest): void {
  if (protocol === 'nx') response.writeHead(200, { 'content-length': 0 }).end();
  else sendJson(response, 202, { urls: [] });
}

async function answerQuery(team: string, served: ServedRequest): Promise<void> {
  const hashes = parseHashes(await readBody(served.request, MAX_TEXT));
  if (hashes === undefined)
    throw new Refusal(400, 'bad_request', `expected {"hashes": […]} with at most ${MAX_HASHES}`);
  const rows: [string, object | null][] = [];
  for (const hash of hashes) rows.push([hash, describe(await find({ protocol: 'turborepo', team, hash }, served))]);
  sendJson(served.response, 200, Object.fromEntries(rows));
}

function describe(found: ShelvedArtifact | undefined): object | null {
  if (found === undefined) return null;
  const tag = found.headers['x-artifact-tag'];
  return { size: found.size, taskDurationMs: found.duration, ...(tag === undefined ? {} : { tag }) };
}

function parseHashes(text: string): readonly string[] | undefined {
  try {
    const query: unknown = JSON.parse(text);
    if (typeof query !== 'object' || query === null || !('hashes' in query)) return undefined;
    const { hashes } = query;
    if (!Array.isArray(hashes) || hashes.length > MAX_HASHES) return undefined;
    return hashes.every((hash): hash is string => typeof hash === 'string') ? hashes : undefined;
  } catch {
    return undefined;
  }
}
