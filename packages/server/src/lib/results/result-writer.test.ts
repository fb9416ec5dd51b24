import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ResultWriter } from './result-writer.ts';
import { type ResultOptions, toolResultJson } from './tool-result.ts';

const options = { tail: ',"resultType":"complete"}', structured: false, objectsOnly: false, limit: 1e9 };

async function write(value: unknown, more: Partial<ResultOptions> = {}): Promise<string> {
  const writer = new ResultWriter({ ...options, ...more }, () => {});
  const parts: Buffer[] = [];
  for await (const _ of writer.write(value)) parts.push(Buffer.from(writer.take()));
  parts.push(Buffer.from(writer.take()));
  return Buffer.concat(parts).toString();
}

/** JSON values and what JSON makes something else of, at any place. */
const { value: small } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.double(),
      fc.constantFrom(null, true, undefined, Number.NaN, new Date(0), new Map([[1, 1]]), Symbol('s'), () => 1),
      fc.constant({ toJSON: (key: unknown) => (key === 'never' ? 1 : undefined) }),
    ),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ unit: 'binary' }), tie('value'), { maxKeys: 4 }),
  ),
}));

const longText = fc
  .tuple(fc.string({ unit: 'binary', minLength: 1 }), fc.integer({ min: 1, max: 10_000 }))
  .map(([text, times]) => text.repeat(times));
const longList = fc
  .tuple(fc.array(small, { maxLength: 3 }), fc.integer({ min: 1, max: 1000 }))
  .map(([items, times]) => Array.from({ length: times }, () => items).flat());
/** Some of it long, here and there. */
const anything = fc.oneof(
  small,
  longText,
  longList,
  fc.array(fc.oneof(small, longText, longList), { maxLength: 3 }),
  fc.dictionary(fc.string({ unit: 'binary' }), fc.oneof(small, longText, longList), { maxKeys: 3 }),
);

describe('ResultWriter', () => {
  it('writes the bytes that are written at once', async () => {
    await fc.assert(
      fc.asyncProperty(anything, async (value) => {
        fc.pre(JSON.stringify(value) !== undefined);
        expect(await write(value)).toBe(toolResultJson(value, options));
      }),
      { numRuns: 80 },
    );
  });

  it('writes what is structured twice, and the same as at once', async () => {
    await fc.assert(
      fc.asyncProperty(anything, async (value) => {
        fc.pre(JSON.stringify(value) !== undefined);
        const whole: unknown = JSON.parse(toolResultJson(value, { ...options, structured: true }));
        expect(JSON.parse(await write(value, { structured: true }))).toEqual(whole);
      }),
      { numRuns: 40 },
    );
  });

  it('leaves valid JSON wherever it fails', async () => {
    const value = { a: [1, { b: 'x'.repeat(40_000) }], c: Array(5000).fill({ d: 'e' }), f: 'g'.repeat(200_000) };
    for (const structured of [false, true]) {
      for (let stop = 0; stop < 12; stop++) {
        const writer = new ResultWriter({ ...options, structured }, () => {});
        const parts: Buffer[] = [];
        const source = writer.write(value);
        let done: boolean | undefined;
        for (let part = 0; part < stop && done !== true; part++) {
          done = (await source.next()).done;
          parts.push(Buffer.from(writer.take()));
        }
        if (done === true) break;
        writer.fail('it failed');
        parts.push(writer.take());
        const result = JSON.parse(Buffer.concat(parts).toString()) as { content: readonly object[]; isError: boolean };
        expect(result.isError).toBe(true);
        expect(result.content.at(-1)).toEqual({ type: 'text', text: 'it failed' });
      }
    }
  });

  it('refuses what contains itself, however deep it is walked', async () => {
    const circle: unknown[] = [...Array(10_000).fill('text')];
    circle.push({ circle });
    await expect(write({ list: circle })).rejects.toThrow('it contains itself');
  });
});
