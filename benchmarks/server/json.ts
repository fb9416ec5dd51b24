import { createRequire } from 'node:module';
import { JSONParser } from '@streamparser/json';
import fastJson from 'fast-json-stringify';
import secureJson from 'secure-json-parse';
import { parseMessage } from '../../packages/server/src/lib/protocol/parse-message.ts';
import type { Measurement } from '../lib/benchmark.ts';
import { readCpu } from '../lib/process-usage.ts';
import { report } from '../lib/report.ts';

/**
 * What parsing a message and writing a result cost, by `JSON` and by others: docs/decisions/011-json.md. simdjson compiles
 * itself when it is installed, so it is no dependency here: `npm install simdjson` somewhere, and say where in SIMDJSON.
 */

type Work = () => unknown;

const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'benchmark', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

interface Row {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly active: boolean;
  readonly balance: number;
  readonly note: string;
}

function makeRows(count: number): readonly Row[] {
  return Array.from({ length: count }, (_, id) => ({
    id,
    name: `Customer number ${id}`,
    email: `c${id}@example.com`,
    active: id % 2 === 0,
    balance: id * 1.37,
    note: 'He said "yes"\nand left',
  }));
}

function makeCall(input: object): string {
  return JSON.stringify({
    jsonrpc: '2.0',
    id: 7,
    method: 'tools/call',
    params: { name: 'tool', arguments: input, _meta: meta },
  });
}

/** Control characters, quotes, backslashes, and halves of characters. */
const needsEscape = /[\p{Cc}"\\\p{Cs}]/u;
const simdjson = loadSimdjson(process.env.SIMDJSON);

await report('JSON', [
  ...[
    ['echo', makeCall({ text: 'hello from the benchmark' })] as const,
    ['1 KB', makeCall({ rows: makeRows(6) })] as const,
    ['100 KB', makeCall({ rows: makeRows(730) })] as const,
    ['10 MB', makeCall({ rows: makeRows(73_000) })] as const,
  ].map(([name, text]) => parsing(name, text)),
  writing('small', { value: 12.34, unit: 'kilogram' }, unitSchema(), writeUnit),
  writing('100 rows', makeRows(100), rowsSchema(), writeRows),
  writing('10 MB', makeRows(73_000), rowsSchema(), writeRows),
]);

function parsing(name: string, text: string): Measurement {
  return compare(`parse ${name}`, text.length, {
    'JSON.parse': () => JSON.parse(text),
    // More keys than a message may have are refused before they are parsed.
    ...(text.length < 1_000_000 && { 'parseMessage (JSON.parse and the checks)': () => parseMessage(text) }),
    'secure-json-parse': () => secureJson.parse(text),
    '@streamparser/json': () => parseStreamed(text),
    ...(simdjson && {
      'simdjson.parse': () => simdjson.parse(text),
      'simdjson.lazyParse, one field': () => simdjson.lazyParse(text).valueForKeyPath('method'),
    }),
  });
}

function writing<T>(name: string, value: T, schema: object, own: (value: T) => string): Measurement {
  const compiled = fastJson(schema);
  const json = JSON.stringify(value);
  if (own(value) !== json || compiled(value) !== json)
    throw new Error(`A serialiser does not write ${name} as JSON does`);
  return compare(`write ${name}`, json.length, {
    'JSON.stringify': () => JSON.stringify(value),
    'fast-json-stringify': () => compiled(value),
    'our own, of the schema': () => own(value),
    'JSON.stringify of the JSON': () => JSON.stringify(json),
  });
}

/** CPU per call of each, collections of what it leaves behind included, in one interleaved run. */
function compare(name: string, size: number, works: Readonly<Record<string, Work>>): Measurement {
  const times = Math.max(1, Math.round(4_000_000 / size));
  return {
    name,
    unit: 'us',
    variants: Object.keys(works),
    rounds: 15,
    measure: async (variant) => {
      const work = works[variant];
      if (work === undefined) throw new Error(`No variant "${variant}"`);
      const before = readCpu(process.pid);
      for (let time = 0; time < times; time++) work();
      return (readCpu(process.pid) - before) / times;
    },
  };
}

function parseStreamed(text: string): unknown {
  let whole: unknown;
  const parser = new JSONParser({ paths: ['$'] });
  parser.onValue = ({ value }) => {
    whole = value;
  };
  parser.write(text);
  return whole;
}

function unitSchema(): object {
  return objectOf({ value: { type: 'number' }, unit: { type: 'string' } });
}

function rowsSchema(): object {
  const [text, number] = [{ type: 'string' }, { type: 'number' }];
  const row = { id: number, name: text, email: text, active: { type: 'boolean' }, balance: number, note: text };
  return { type: 'array', items: objectOf(row) };
}

function objectOf(properties: object): object {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

/** What a generator would write for the two schemas. */
function writeUnit({ value, unit }: { readonly value: number; readonly unit: string }): string {
  return `{"value":${writeNumber(value)},"unit":${writeText(unit)}}`;
}

function writeRows(rows: readonly Row[]): string {
  let json = '[';
  for (const row of rows) json += json === '[' ? writeRow(row) : `,${writeRow(row)}`;
  return `${json}]`;
}

function writeRow({ id, name, email, active, balance, note }: Row): string {
  return `{"id":${writeNumber(id)},"name":${writeText(name)},"email":${writeText(email)},"active":${active},"balance":${writeNumber(balance)},"note":${writeText(note)}}`;
}

function writeNumber(value: number): string {
  return Number.isFinite(value) ? `${value}` : 'null';
}

function writeText(text: string): string {
  return text.length > 40 || needsEscape.test(text) ? JSON.stringify(text) : `"${text}"`;
}

interface Simdjson {
  parse(text: string): unknown;
  lazyParse(text: string): { valueForKeyPath(path: string): unknown };
}

/** Without its native part it hands out `JSON` under its own name, which is no measurement. */
function loadSimdjson(directory: string | undefined): Simdjson | undefined {
  if (directory === undefined) return undefined;
  const found = createRequire(`${directory}/`)('simdjson') as Simdjson | typeof JSON;
  if (found === JSON || !('lazyParse' in found)) throw new Error(`simdjson in ${directory} was not compiled`);
  return found;
}
