import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordOf } from '../../test/record-of.ts';
import { parseRecord } from './parse-record.ts';

const schema = JSON.parse(readFileSync(new URL('../../schema/build-record.v1.json', import.meta.url), 'utf8'));
const acceptedBySchema = new Ajv2020().compile(schema);

const whole = recordOf(
  [
    {
      name: 'a',
      start: 0,
      end: 4,
      needs: [],
      queued: 1,
      saved: 2,
      bytes: 3,
      cpu: 4,
      reason: 'first build',
      slots: 2,
      tier: 'local',
      read: 9,
    },
    { name: 'b', start: 1, end: 3, parent: 0 },
  ],
  {
    labels: { branch: 'main' },
    machine: { class: 'linux x64, 2 x Some', cores: 2, others: 0.5, pressure: 0.1 },
    sizes: [{ name: 'image', bytes: 10, parts: [{ name: 'app', bytes: 4 }] }],
  },
);

function errorOf(value: unknown): unknown {
  try {
    parseRecord(value);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Replaces what lies at a path of property names. */
function withValue(value: unknown, [name, ...rest]: readonly string[], replacement: unknown): unknown {
  if (name === undefined) return replacement;
  if (Array.isArray(value)) return value.with(Number(name), withValue(value[Number(name)], rest, replacement));
  return { ...Object(value), [name]: withValue(Object(value)[name], rest, replacement) };
}

/** The paths of all that a value holds, itself included. */
function pathsOf(value: unknown): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [[]];
  return [[], ...Object.entries(value).flatMap(([name, item]) => pathsOf(item).map((path) => [name, ...path]))];
}

describe('parseRecord', () => {
  it('gives a whole record back', () => {
    expect(parseRecord(whole)).toBe(whole);
    expect(acceptedBySchema(whole)).toBe(true);
  });

  it('ignores what it does not know, so that later minor additions can be read', () => {
    expect(errorOf({ ...whole, colour: 'red' })).toBeUndefined();
  });

  it.each<[string, unknown, string]>([
    ['spans.0.end', 'soon', '"spans[0].end" is not a number of at least 0'],
    ['spans.1.parent', -1, '"spans[1].parent" is not a position in "spans"'],
    ['spans.1', null, '"spans[1]" is not an object'],
    ['outcome', 'ok', '"outcome" is not one of succeeded, failed, cancelled'],
    ['labels.branch', 1, '"labels" is not an object of strings'],
    ['concurrency', 0, '"concurrency" is not a number of at least 1'],
  ])('says where it is not one: %s', (path, value, message) => {
    expect(errorOf(withValue(whole, path.split('.'), value))).toMatchObject({
      code: 'RECORD_INVALID',
      message: `Cannot read build record: ${message}`,
    });
  });

  it.each([0, 2, '1', undefined])('refuses version %j, and says so', (version) => {
    expect(errorOf({ ...whole, version })).toMatchObject({ code: 'RECORD_VERSION' });
  });

  it('accepts exactly what the published schema accepts', () => {
    const replacement = fc.oneof(
      fc.constantFrom(null, undefined, true, 0, 1, 1.5, -1, '', 'ran', 'failed', [], ['a'], [1], {}, { a: 'b' }),
      fc.jsonValue({ maxDepth: 1 }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...pathsOf(whole)), replacement, (path, value) => {
        const changed = JSON.parse(JSON.stringify(withValue(whole, path, value)) ?? 'null');
        expect(errorOf(changed) === undefined).toBe(acceptedBySchema(changed));
      }),
      { numRuns: 1000 },
    );
  });
});
