import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { dockerignoreFilter } from '@mcpgen/build-optimizer/dockerfile';

/** A step of BuildKit, as its trace tells it. */
export interface BuiltStep {
  readonly name: string;
  readonly cached: boolean;
}

/** Builds a directory as `docker build` does: its Dockerfile, without what the .dockerignore leaves out. */
export async function dockerBuild(host: string, directory: string, tag: string): Promise<readonly BuiltStep[]> {
  const isLeftOut = dockerignoreFilter(readFileSync(join(directory, '.dockerignore'), 'utf8'));
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .filter((path) => path === 'Dockerfile' || !isLeftOut(path));
  const context = execFileSync('tar', ['-C', directory, '-c', '-T', '-'], {
    input: files.join('\n'),
    maxBuffer: 64 << 20,
  });
  const answer = await post(host, `/build?version=2&networkmode=host&t=${encodeURIComponent(tag)}`, context);
  const lines = answer
    .trim()
    .split('\n')
    .map((line): Readonly<Record<string, unknown>> => JSON.parse(line));
  const failure = lines.find((line) => typeof line.error === 'string');
  if (failure !== undefined) throw new Error(`Cannot build "${tag}": ${failure.error}\n${logs(lines)}`);
  return steps(lines);
}

function post(host: string, path: string, body: Buffer): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const headers = { 'content-type': 'application/x-tar', 'content-length': body.length };
  const socketPath = host.replace(/^unix:\/\//, '');
  const sent = request({ socketPath, path, method: 'POST', headers }, (response) =>
    text(response).then(resolve, reject),
  );
  sent.once('error', reject).end(body);
  return promise;
}

/** `moby.buildkit.v1.StatusResponse`: 1 vertexes {1 digest, 3 name, 4 cached}, 3 logs {4 msg}. */
function* messages(lines: readonly Readonly<Record<string, unknown>>[], wanted: number): Generator<Buffer> {
  for (const line of lines) {
    if (line.id !== 'moby.buildkit.trace') continue;
    for (const [field, value] of fields(Buffer.from(String(line.aux), 'base64'))) {
      if (field === wanted && Buffer.isBuffer(value)) yield value;
    }
  }
}

function steps(lines: readonly Readonly<Record<string, unknown>>[]): readonly BuiltStep[] {
  const found = new Map<string, BuiltStep>();
  for (const vertex of messages(lines, 1)) {
    const values = new Map(fields(vertex));
    const name = String(values.get(3));
    found.set(String(values.get(1)), {
      name,
      cached: found.get(String(values.get(1)))?.cached === true || values.get(4) === 1,
    });
  }
  return [...found.values()];
}

function logs(lines: readonly Readonly<Record<string, unknown>>[]): string {
  return [...messages(lines, 3)].map((log) => String(new Map(fields(log)).get(4) ?? '')).join('');
}

/** The fields of a protobuf message: numbers of varints, bytes of what has a length. */
function* fields(bytes: Buffer): Generator<readonly [number, number | Buffer]> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const type = key & 7;
    if (type === 0) yield [key >> 3, varint()];
    else if (type === 2) {
      const length = varint();
      yield [key >> 3, bytes.subarray(at, at + length)];
      at += length;
    } else at += type === 1 ? 8 : 4;
  }
}
