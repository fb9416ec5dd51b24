import { describe, expect, it } from 'vitest';
import { MAX_DOCUMENT_SIZE, parseJsonDocument } from './json-document.ts';

const parse = (text: string | Uint8Array) =>
  parseJsonDocument(typeof text === 'string' ? Buffer.from(text) : text, 'the manifest');

describe('parseJsonDocument', () => {
  it('gives the object', () => {
    expect(parse('{"a":{"b":[1,{"b":2}]},"b":"{\\"a\\":1,\\"a\\":2}"}')).toEqual({
      a: { b: [1, { b: 2 }] },
      b: '{"a":1,"a":2}',
    });
  });

  it.each([
    ['{"size":1,"size":2}', '"size" twice'],
    ['{"a":{"digest":1,"x":[{}],"digest":2}}', '"digest" twice'],
    ['{"a":[{"b":1},{"b":1,"b":1}]}', '"b" twice'],
    ['{"size":1,"\\u0073ize":2}', '"\\u0073ize" twice'],
    ['{"a" : 1 ,\n "a"\t: 2}', '"a" twice'],
    ['{"__proto__":1,"__proto__":2}', '"__proto__" twice'],
    ['[]', 'it is not a JSON object'],
    ['null', 'it is not a JSON object'],
    ['<html></html>', 'it is not JSON'],
    ['{"a":1', 'it is not JSON'],
    ['', 'it is not JSON'],
  ])('refuses %s', (text, problem) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'DOCUMENT_INVALID' }));
    expect(() => parse(text)).toThrow(
      `Cannot read the manifest: ${problem.startsWith('"') ? `an object has the key ${problem}` : problem}`,
    );
  });

  it('refuses bytes that are not UTF-8, and a byte order mark', () => {
    expect(() => parse(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toThrow('it is not JSON');
    expect(() => parse('\ufeff{}')).toThrow('it is not JSON');
  });

  it('refuses more than 4 MiB before it parses', () => {
    expect(() => parse(Buffer.alloc(MAX_DOCUMENT_SIZE + 1, ' '))).toThrow('more than 4 MiB');
  });

  it('takes long strings and many keys quickly', () => {
    const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`key${i}`, '\\"'.repeat(5)]));
    expect(Object.keys(parse(JSON.stringify(many)))).toHaveLength(50_000);
    expect(parse(JSON.stringify({ long: '\\'.repeat(1_000_000) }))).toHaveProperty('long');
  });
});
