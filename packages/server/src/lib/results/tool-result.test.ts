import { describe, expect, it } from 'vitest';
import { errorResultJson, ResultProblem, toolResultJson } from './tool-result.ts';

const OPTIONS = { tail: ',"resultType":"complete"}', structured: false, objectsOnly: false, limit: 1000 };
const circular: Record<string, unknown> = {};
circular.self = circular;

describe('toolResultJson', () => {
  it.each([
    ['text', 'a "b"\n', { content: [{ type: 'text', text: 'a "b"\n' }] }],
    ['a number', 1.5, { content: [{ type: 'text', text: '1.5' }] }],
    ['null', null, { content: [{ type: 'text', text: 'null' }] }],
    ['a list', [1], { content: [{ type: 'text', text: '[1]' }] }],
    ['an object', { a: 1 }, { content: [{ type: 'text', text: '{"a":1}' }] }],
    ['half a surrogate pair', '\ud800', { content: [{ type: 'text', text: '\ud800' }] }],
    ['content of its own', { content: [{ type: 'text', text: 'a' }] }, { content: [{ type: 'text', text: 'a' }] }],
    ['an error of its own', { content: [], isError: true }, { content: [], isError: true }],
    ['__proto__ as a key', JSON.parse('{"__proto__":1}'), { content: [{ type: 'text', text: '{"__proto__":1}' }] }],
  ])('sends %s', (_what, value, expected) => {
    expect(JSON.parse(toolResultJson(value, OPTIONS))).toEqual({ ...expected, resultType: 'complete' });
  });

  it('joins a _meta of its own with that of the protocol', () => {
    const tail = ',"resultType":"complete","_meta":{"a":1}}';
    const json = toolResultJson({ content: [], _meta: { a: 2, b: 3 } }, { ...OPTIONS, tail });
    expect(JSON.parse(json)).toEqual({ content: [], resultType: 'complete', _meta: { a: 1, b: 3 } });
  });

  it('sends the value as structured content too where there is an output schema', () => {
    const json = toolResultJson([1], { ...OPTIONS, structured: true });
    expect(JSON.parse(json)).toMatchObject({ structuredContent: [1], content: [{ text: '[1]' }] });
  });

  it('sends clients of 2025 no structured content but objects', () => {
    const options = { ...OPTIONS, structured: true, objectsOnly: true };
    expect(JSON.parse(toolResultJson([1], options))).not.toHaveProperty('structuredContent');
    expect(JSON.parse(toolResultJson({ a: 1 }, options))).toHaveProperty('structuredContent');
  });

  it.each([
    ['undefined', undefined, /returned undefined/],
    ['a function', () => 1, /returned function/],
    ['a symbol', Symbol('a'), /returned symbol/],
    ['a BigInt', { a: 1n }, /contains a BigInt/],
    ['itself', circular, /contains itself/],
    [
      'a toJSON that throws',
      {
        toJSON: () => {
          throw new Error('no');
        },
      },
      /toJSON method failed/,
    ],
    ['content without a type', { content: [{ text: 'a' }] }, /item 0 has no "type"/],
    ['content that is null', { content: [null] }, /item 0/],
    ['2,000 characters', 'x'.repeat(2000), /result of 0 MB exceeds 0 MB/],
    ['600 characters of two bytes', 'ä'.repeat(600), /exceeds/],
  ])('refuses %s', (_what, value, message) => {
    expect(() => toolResultJson(value, OPTIONS)).toThrow(ResultProblem);
    expect(() => toolResultJson(value, OPTIONS)).toThrow(message);
  });
});

describe('errorResultJson', () => {
  it('says no more than 4 kB', () => {
    expect(errorResultJson('x'.repeat(100_000), '}').length).toBeLessThan(4200);
  });
});
