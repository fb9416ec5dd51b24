import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breaks, compareSchemas } from '../src/lib/api/compare-schemas.ts';
import { schema, value, widenings } from './schema-arbitraries.ts';

/** Two compilations by ajv each: more of them by hand. */
const RUNS = Number(process.env.MCPGEN_TEST_RUNS ?? 150);

type Validate = (value: unknown) => boolean;

/** `undefined` for a schema that refers to itself without end, or that ajv will not compile. */
function validator(schema: object): Validate | undefined {
  try {
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
    return (candidate) => validate(candidate);
  } catch {
    return undefined;
  }
}

function accepts(validate: Validate, candidate: unknown): boolean | undefined {
  try {
    return validate(candidate);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

describe('compareSchemas', () => {
  it('never misses a value that was valid and is not any more', () => {
    let told = 0;
    fc.assert(
      fc.property(schema, schema, fc.array(value, { minLength: 40, maxLength: 40 }), (before, after, values) => {
        const [old, now] = [validator(before), validator(after)];
        if (old === undefined || now === undefined) return;
        const lost = values.find((candidate) => accepts(old, candidate) === true && accepts(now, candidate) === false);
        if (lost === undefined) return;
        told++;
        const changes = compareSchemas(before, after, { direction: 'input' });
        expect(
          changes.filter((change) => breaks(change, 'input')),
          JSON.stringify(lost),
        ).not.toEqual([]);
      }),
      { numRuns: RUNS },
    );
    expect(told).toBeGreaterThan(RUNS / 10);
  });

  it('never misses one where a part of the schema changed', () => {
    fc.assert(
      fc.property(schema, schema, fc.array(value, { minLength: 40, maxLength: 40 }), (whole, other, values) => {
        const keyword = Object.keys(other).find((key) => key !== '$defs');
        if (keyword === undefined) return;
        const after = { ...whole, [keyword]: other[keyword], $defs: whole.$defs };
        const [old, now] = [validator(whole), validator(after)];
        if (old === undefined || now === undefined) return;
        const lost = values.find((candidate) => accepts(old, candidate) === true && accepts(now, candidate) === false);
        if (lost === undefined) return;
        const changes = compareSchemas(whole, after, { direction: 'input' });
        expect(
          changes.filter((change) => breaks(change, 'input')),
          JSON.stringify(lost),
        ).not.toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  it.each(Object.entries(widenings))('takes %s for no break', (_, widen) => {
    fc.assert(
      fc.property(schema, (before) => {
        const changes = compareSchemas(before, widen(before), { direction: 'input' });
        expect(changes.filter((change) => breaks(change, 'input'))).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  it('finds a schema to be what it is', () => {
    fc.assert(
      fc.property(schema, (same) => {
        for (const direction of ['input', 'output'] as const)
          expect(compareSchemas(same, structuredClone(same), { direction })).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });
});
