import { fullFormats } from 'ajv-formats/dist/formats.js';
import { describe, expect, it } from 'vitest';
import { load } from './compiled-validator.ts';

const TEXTS: Readonly<Record<string, readonly string[]>> = {
  date: [
    '2024-02-29',
    '2023-02-29',
    '2000-02-29',
    '1900-02-29',
    '2024-04-31',
    '2024-13-01',
    '2024-00-10',
    '2024-1-1',
    '',
  ],
  time: [
    '10:00:00Z',
    '10:00:00.123z',
    '24:00:00Z',
    '10:60:00Z',
    '23:59:60Z',
    '22:59:60-01:00',
    '22:59:60Z',
    '10:00:00',
    '10:00:00+25:00',
    '10:00:00+01:00',
  ],
  'date-time': [
    '2024-02-29T10:00:00Z',
    '2024-02-30T10:00:00Z',
    '2024-02-29 10:00:00Z',
    '2024-02-29T10:00:00',
    '2024-02-29t10:00:00.1+02:00',
    'T',
  ],
  uri: [
    'https://a.b/c?d#e',
    'urn:a:b',
    'mailto:a@b',
    'a',
    '/a',
    '//a',
    'https://a b',
    'https://a/%zz',
    'https://ä.de',
    'http://[::1]:80/',
  ],
  email: ['a@b.co', 'a.b+c@d-e.fr', 'a@b', '@b.co', 'a@', 'a b@c.de'],
  hostname: ['a.b', 'a', '-a', 'a-', 'a..b', `${'a'.repeat(64)}.b`],
  ipv4: ['1.2.3.4', '256.1.1.1', '1.2.3', '01.2.3.4'],
  ipv6: ['::1', '1:2:3:4:5:6:7:8', '1::2::3', ':::', '::ffff:1.2.3.4'],
  uuid: ['6ec0bd7f-11c0-43da-975e-2a8ad9ebae0b', 'urn:uuid:6ec0bd7f-11c0-43da-975e-2a8ad9ebae0b', '6ec0bd7f'],
  duration: ['P1D', 'PT1H', 'P', 'P1W', '1D', 'P1DT'],
  regex: ['a+', '(', '\\p{L}'],
  byte: ['', 'YQ==', 'YWI=', 'YQ', '!!!!'],
  'json-pointer': ['', '/a/b~0', 'a', '/~2'],
};

/** ajv-formats writes a format in four ways. */
function accepts(format: unknown, text: string): boolean {
  if (format instanceof RegExp) return format.test(text);
  if (typeof format === 'function') return format(text) === true;
  return typeof format === 'object' && format !== null && accepts(Reflect.get(format, 'validate'), text);
}

describe('formats', () => {
  it.each(Object.entries(TEXTS))('decides %s as ajv-formats does', async (format, texts) => {
    const validate = await load({ type: 'string', format });
    const table: Readonly<Record<string, unknown>> = fullFormats;
    const decided = texts.map((text) => [text, validate(text) === true]);
    expect(decided).toEqual(texts.map((text) => [text, accepts(table[format], text)]));
  });

  it('leaves formats that are not known to the reader', async () => {
    expect((await load({ type: 'string', format: 'color' }))('x')).toBe(true);
  });
});
