import { describe, expect, it } from 'vitest';
import { encodeApi, parseApi } from './api-file.ts';
import { listedApi } from './server-api.ts';

const api = listedApi('1.2.0', {
  tools: [
    { name: 'b', inputSchema: { type: 'object' }, icons: [], _meta: {} },
    { name: '__proto__', inputSchema: { type: 'object' } },
  ],
  resources: [{ uri: 'file:///a', name: 'a' }],
});

describe('parseApi', () => {
  it('gives back what was written, sorted and without what no caller relies on', () => {
    const text = encodeApi(api);
    expect(parseApi(text, 'file')).toEqual(api);
    expect(encodeApi(parseApi(text, 'file'))).toBe(text);
    expect(Object.keys(api.tools)).toEqual(['__proto__', 'b']);
    expect(text).not.toContain('icons');
    expect(text).not.toContain('prompts');
  });

  it.each([
    ['text', '{'],
    ['a list', '[]'],
    ['no format', '{"version":"1.0.0"}'],
    ['a later format', '{"format":2,"version":"1.0.0"}'],
    ['no version', '{"format":1}'],
    ['tools that are a list', '{"format":1,"version":"1.0.0","tools":[]}'],
    ['a tool that is a text', '{"format":1,"version":"1.0.0","tools":{"a":"b"}}'],
  ])('refuses %s, and names the file', (_, text) => {
    expect(() => parseApi(text, 'some.json')).toThrow(/some\.json/);
  });
});
