import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Refusal } from './answer.ts';
import { ParsedMessage, parseMessage } from './parse-message.ts';

describe('parseMessage', () => {
  it('gives what JSON.parse gives, for all JSON within the limits', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 10 }), (text) => {
        const parsed = parseMessage(text);
        expect(parsed instanceof ParsedMessage && parsed.value).toEqual(JSON.parse(text));
      }),
    );
  });

  it('refuses all that JSON.parse refuses', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const valid = isJson(text);
        expect(parseMessage(text) instanceof ParsedMessage).toBe(valid);
      }),
    );
  });

  it.each([
    ['an escaped quote in a key', '{"a\\"b":1,"a":2}'],
    ['a backslash before the end of a string', '{"a\\\\":"b"}'],
    ['the same key in two objects', '{"a":{"x":1},"b":{"x":1}}'],
    ['the same key twice, deep inside', '{"params":{"arguments":{"a":1,"a":2}}}'],
    ['a value that looks like a key', '{"a":"a","b":["a","a"]}'],
    ['arguments 200 deep', `{"params":{"arguments":${'['.repeat(200)}${']'.repeat(200)}}}`],
  ])('takes %s', (_what, text) => {
    expect(parseMessage(text)).toBeInstanceOf(ParsedMessage);
  });

  it.each([
    ['the same key twice', '{"a":1,"a":2}'],
    ['the same key twice, with white space', '{"a" : 1, "a"\n:2}'],
    ['the same key of params twice', '{"params":{"name":1,"name":2}}'],
    ['_meta 65 deep', `{"params":{"_meta":${'['.repeat(65)}${']'.repeat(65)}}}`],
  ])('refuses %s', (_what, text) => {
    expect(parseMessage(text)).toBeInstanceOf(Refusal);
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
