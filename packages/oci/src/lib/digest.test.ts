import { describe, expect, it } from 'vitest';
import { digestBytes, digestHex, isDigest, parseDigest } from './digest.ts';

const EMPTY = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

describe('parseDigest', () => {
  it('takes a digest', () => {
    expect(parseDigest(EMPTY)).toBe(EMPTY);
    expect(isDigest(EMPTY)).toBe(true);
  });

  it.each([
    'sha256:../../../../etc/passwd',
    'sha256:../../x',
    EMPTY.toUpperCase(),
    `${EMPTY}\n`,
    ` ${EMPTY}`,
    EMPTY.slice(0, -1),
    `${EMPTY}0`,
    EMPTY.replace('sha256', 'md5'),
    EMPTY.replace(':', '/'),
    'sha256:',
    '',
    undefined,
    null,
    {},
    [EMPTY],
  ])('refuses %j', (text) => {
    expect(() => parseDigest(text)).toThrow(expect.objectContaining({ code: 'DIGEST_INVALID' }));
    expect(isDigest(text)).toBe(false);
  });

  it('does not repeat control characters of what it refuses', () => {
    expect(() => parseDigest('sha256:\u001b[2J')).toThrow('Cannot use "sha256:?[2J" as a digest');
  });
});

describe('digestBytes', () => {
  it('is the SHA-256', () => {
    expect(digestBytes(new Uint8Array())).toBe(EMPTY);
    expect(digestHex(EMPTY)).toBe(EMPTY.slice(7));
  });
});
