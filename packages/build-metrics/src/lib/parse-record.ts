import type { BuildRecord, MachineFacts, SizeRecord, SpanRecord } from './build-record.ts';
import { recordInvalid, recordVersion } from './errors.ts';

/**
 * Takes a parsed JSON value for a record, or says where it is not one. Accepts what the published schema accepts.
 *
 * @throws MetricsError RECORD_VERSION for another version, RECORD_INVALID for anything else.
 */
export function parseRecord(value: unknown): BuildRecord {
  if (!isObject(value)) throw recordInvalid('', 'an object');
  if (value.version !== 1) throw recordVersion(value.version);
  checkFields('', value, recordFields);
  if (value.machine !== undefined) checkFields('machine.', value.machine, machineFields);
  if (Array.isArray(value.spans)) {
    for (const [at, span] of value.spans.entries()) checkFields(`spans[${at}].`, span, spanFields);
  }
  if (value.sizes !== undefined) checkSizes(value.sizes, 'sizes');
  return value as unknown as BuildRecord;
}

interface Field {
  readonly expected: string;
  readonly optional?: true;
  readonly accepts: (value: unknown) => boolean;
}

const text: Field = { expected: 'a string', accepts: (value) => typeof value === 'string' };
const time: Field = {
  expected: 'a number of at least 0',
  accepts: (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0,
};
const slots: Field = {
  expected: 'a number of at least 1',
  accepts: (value) => time.accepts(value) && Number(value) >= 1,
};
const position: Field = {
  expected: 'a position in "spans"',
  accepts: (value) => Number.isInteger(value) && Number(value) >= 0,
};
const texts: Field = {
  expected: 'a list of strings',
  accepts: (value) => Array.isArray(value) && value.every(text.accepts),
};

const recordFields: Readonly<Record<keyof BuildRecord, Field>> = {
  version: { expected: '1', accepts: (value) => value === 1 },
  id: text,
  name: text,
  started: time,
  duration: time,
  outcome: oneOf('succeeded', 'failed', 'cancelled'),
  concurrency: slots,
  labels: {
    expected: 'an object of strings',
    accepts: (value) => isObject(value) && Object.values(value).every(text.accepts),
  },
  machine: { expected: 'an object', accepts: isObject, optional: true },
  spans: { expected: 'a list', accepts: Array.isArray },
  sizes: { expected: 'a list', accepts: Array.isArray, optional: true },
};

const machineFields: Readonly<Record<keyof MachineFacts, Field>> = {
  class: text,
  cores: slots,
  others: { ...time, optional: true },
  pressure: { ...time, optional: true },
};

const sizeFields: Readonly<Record<keyof SizeRecord, Field>> = {
  name: text,
  bytes: time,
  parts: { expected: 'a list', accepts: Array.isArray, optional: true },
};

const spanFields: Readonly<Record<keyof SpanRecord, Field>> = {
  name: text,
  kind: text,
  start: time,
  end: time,
  outcome: oneOf('ran', 'restored', 'fresh', 'failed', 'cancelled'),
  parent: { ...position, optional: true },
  needs: { ...texts, optional: true },
  queued: { ...time, optional: true },
  slots: { ...time, optional: true },
  saved: { ...time, optional: true },
  tier: { ...text, optional: true },
  bytes: { ...time, optional: true },
  read: { ...time, optional: true },
  cpu: { ...time, optional: true },
  reason: { ...text, optional: true },
};

function checkSizes(sizes: unknown, at: string): void {
  if (!Array.isArray(sizes)) return;
  for (const [index, size] of sizes.entries()) {
    checkFields(`${at}[${index}].`, size, sizeFields);
    checkSizes(size.parts, `${at}[${index}].parts`);
  }
}

function checkFields(at: string, value: unknown, fields: Readonly<Record<string, Field>>): void {
  if (!isObject(value)) throw recordInvalid(at.replace(/\.$/, ''), 'an object');
  for (const [name, { accepts, expected, optional }] of Object.entries(fields)) {
    const found = value[name];
    if (found === undefined && optional) continue;
    if (!accepts(found)) throw recordInvalid(`${at}${name}`, expected);
  }
}

function oneOf(...words: readonly string[]): Field {
  return { expected: `one of ${words.join(', ')}`, accepts: (value) => words.some((word) => word === value) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
