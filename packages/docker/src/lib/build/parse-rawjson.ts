import type { JsonLine } from '../json-lines.ts';
import type { SolveStatus, Vertex, VertexLog, VertexWarning } from './solve-status.ts';

/** A line of `docker buildx build --progress=rawjson`: the same status, with times as text and bytes in base64. */
export function parseRawJson(line: JsonLine): SolveStatus {
  return {
    vertexes: objects(line.vertexes).flatMap(parseVertex),
    logs: objects(line.logs).flatMap(parseLog),
    warnings: objects(line.warnings).flatMap(parseWarning),
  };
}

function objects(value: unknown): readonly JsonLine[] {
  return Array.isArray(value)
    ? value.filter((item): item is JsonLine => typeof item === 'object' && item !== null)
    : [];
}

function parseVertex({ digest, inputs, name, cached, started, completed, error }: JsonLine): readonly Vertex[] {
  if (typeof digest !== 'string' || typeof name !== 'string') return [];
  return [
    {
      digest,
      inputs: Array.isArray(inputs) ? inputs.filter((input) => typeof input === 'string') : [],
      name,
      cached: cached === true,
      started: parseTime(started),
      completed: parseTime(completed),
      error: typeof error === 'string' && error !== '' ? error : undefined,
    },
  ];
}

function parseTime(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

function parseLog({ vertex, data }: JsonLine): readonly VertexLog[] {
  if (typeof vertex !== 'string' || typeof data !== 'string') return [];
  return [{ vertex, bytes: Buffer.from(data, 'base64') }];
}

function parseWarning({ vertex, short }: JsonLine): readonly VertexWarning[] {
  if (typeof vertex !== 'string' || typeof short !== 'string') return [];
  return [{ vertex, message: Buffer.from(short, 'base64').toString() }];
}
