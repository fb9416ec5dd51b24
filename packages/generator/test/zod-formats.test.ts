import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { zodValidation } from '../src/lib/zod-validation.ts';
import { load } from './compiled-validator.ts';

const FORMATS: Readonly<Record<string, z.ZodType>> = {
  email: z.email(),
  uuid: z.uuid(),
  guid: z.guid(),
  nanoid: z.nanoid(),
  cuid: z.cuid(),
  cuid2: z.cuid2(),
  ulid: z.ulid(),
  xid: z.xid(),
  ksuid: z.ksuid(),
  emoji: z.emoji(),
  ipv4: z.ipv4(),
  cidrv4: z.cidrv4(),
  e164: z.e164(),
  date: z.iso.date(),
  time: z.iso.time(),
  datetime: z.iso.datetime({ offset: true }),
  local: z.iso.datetime({ local: true }),
  duration: z.iso.duration(),
  hex: z.hex(),
  hostname: z.hostname(),
  mac: z.mac(),
  lowercase: z.string().lowercase(),
  uppercase: z.string().uppercase(),
};
const OTHERS: Readonly<Record<string, z.ZodType>> = {
  url: z.url(),
  ipv6: z.ipv6(),
  cidrv6: z.cidrv6(),
  base64: z.base64(),
  base64url: z.base64url(),
  jwt: z.jwt(),
};
const TEXTS = [
  '',
  'A',
  'a',
  'a@b.co',
  '127.0.0.1',
  '127.0.0.1/8',
  '::1',
  '::1/64',
  '+123456789',
  '2024-02-29',
  '2023-02-29',
  '10:00',
  '10:00:00.5',
  '2024-02-29T10:00:00Z',
  '2024-02-29T10:00:00+01:00',
  'P1DT2H',
  'P',
  'deadBEEF',
  'a.b-c.de',
  '00:11:22:33:44:55',
  'YQ==',
  'https://x.y',
  '\u{1F600}',
];

describe('zodValidation of formats', () => {
  it.each(Object.entries(FORMATS))('says all of %s', async (_name, schema) => {
    const { schema: validation, exact } = zodValidation(schema as never);
    expect(exact).toBe(true);
    const validate = await load(validation);
    const pattern: unknown = Reflect.get(schema.def, 'pattern');
    // Patterns with look-around cannot be generated from; the texts above stand for them.
    const matching =
      pattern instanceof RegExp && !/\(\?<?[=!]|\\p|\\b/.test(pattern.source)
        ? fc.stringMatching(new RegExp(pattern.source))
        : fc.string();
    fc.assert(
      fc.property(fc.oneof(matching, fc.constantFrom(...TEXTS), fc.string({ unit: 'grapheme' })), (text) => {
        expect([text, validate(text) === true]).toEqual([text, schema.safeParse(text).success]);
      }),
    );
  });

  it.each(Object.entries(OTHERS))('leaves %s to zod and refuses nothing that it takes', async (_name, schema) => {
    const { schema: validation, exact } = zodValidation(schema as never);
    expect(exact).toBe(false);
    const validate = await load(validation);
    for (const text of TEXTS) if (schema.safeParse(text).success) expect([text, validate(text)]).toEqual([text, true]);
  });
});
