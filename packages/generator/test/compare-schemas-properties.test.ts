import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptsValue } from '../src/lib/api/accepts-value.ts';
import { breaks, compareSchemas } from '../src/lib/api/compare-schemas.ts';
import { schema, value, widenings } from './schema-arbitraries.ts';

type Rules = Readonly<Record<string, unknown>>;

/** More of them by hand: `MCPGEN_TEST_RUNS=20000`. */
const RUNS = Number(process.env.MCPGEN_TEST_RUNS ?? 1000);
const values = fc.array(value, { minLength: 40, maxLength: 40 });

/** A value that one schema takes and another refuses. `undefined` also for schemas that refer to themselves without end. */
function findLost(before: Rules, after: Rules, candidates: readonly unknown[]): unknown {
  try {
    return candidates.find(
      (candidate) =>
        acceptsValue(candidate, before, before) === 'yes' && acceptsValue(candidate, after, after) === 'no',
    );
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function expectReported(before: Rules, after: Rules, candidates: readonly unknown[]): boolean {
  const lost = findLost(before, after, candidates);
  if (lost === undefined) return false;
  const changes = compareSchemas(before, after, { direction: 'input' });
  expect(
    changes.filter((change) => breaks(change, 'input')),
    JSON.stringify(lost),
  ).not.toEqual([]);
  return true;
}

/** The schema with one of its numbers, at any depth, raised or lowered. */
function shifted(node: unknown, at: { left: number }, by: number): unknown {
  if (typeof node === 'number') return at.left-- === 0 ? Math.max(0.5, node + by) : node;
  if (Array.isArray(node)) return node.map((entry) => shifted(entry, at, by));
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(Object.entries(node).map(([key, entry]) => [key, shifted(entry, at, by)]));
}

describe('compareSchemas', () => {
  it('never misses a value that was valid and is not any more', () => {
    let told = 0;
    const property = fc.property(schema, schema, values, (before, after, candidates) => {
      if (expectReported(before, after, candidates)) told++;
    });
    fc.assert(property, { numRuns: RUNS });
    expect(told).toBeGreaterThan(RUNS / 10);
  });

  it('never misses one where a part of the schema changed', () => {
    const property = fc.property(schema, schema, values, (before, other, candidates) => {
      const keyword = Object.keys(other).find((key) => key !== '$defs') ?? 'type';
      expectReported(before, { ...before, [keyword]: other[keyword], $defs: before.$defs }, candidates);
    });
    fc.assert(property, { numRuns: RUNS });
  });

  it('never misses one where a single number changed', () => {
    let told = 0;
    const by = fc.constantFrom(-2, -1, 1, 2);
    const property = fc.property(schema, fc.nat(6), by, values, (before, left, step, candidates) => {
      if (expectReported(before, { ...Object(shifted(before, { left }, step)) }, candidates)) told++;
    });
    fc.assert(property, { numRuns: RUNS * 4 });
    expect(told).toBeGreaterThan(RUNS / 20);
  });

  it.each(Object.entries(widenings))('takes %s for no break', (_, widen) => {
    const property = fc.property(schema, (before) => {
      const changes = compareSchemas(before, widen(before), { direction: 'input' });
      expect(changes.filter((change) => breaks(change, 'input'))).toEqual([]);
    });
    fc.assert(property, { numRuns: RUNS });
  });

  it('finds a schema to be what it is', () => {
    const property = fc.property(schema, (same) => {
      for (const direction of ['input', 'output'] as const)
        expect(compareSchemas(same, structuredClone(same), { direction })).toEqual([]);
    });
    fc.assert(property, { numRuns: RUNS });
  });
});

describe('acceptsValue', () => {
  it('says what ajv says, or that it does not know', () => {
    const property = fc.property(schema, values, (rules, candidates) => {
      const verdicts = compare(rules, candidates);
      expect(verdicts).toEqual([]);
    });
    fc.assert(property, { numRuns: RUNS / 20 });
  });
});

/** Values of which the two disagree; none for schemas that ajv will not compile, or that refer to themselves without end. */
function compare(rules: Rules, candidates: readonly unknown[]): readonly unknown[] {
  try {
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(rules);
    return candidates.filter((candidate) => {
      const verdict = acceptsValue(candidate, rules, rules);
      return verdict !== 'unknown' && (verdict === 'yes') !== validate(candidate);
    });
  } catch {
    return [];
  }
}
