import { describe, expect, it } from 'vitest';
import { OciError, quoted, writeFailed } from './errors.ts';

describe('writeFailed', () => {
  it.each([
    ['ENOSPC', 'The disk is full'],
    ['EDQUOT', 'quota'],
    ['EACCES', 'the right to write'],
    ['EROFS', 'read-only'],
  ])('says what to do about %s', (code, hint) => {
    const cause = Object.assign(new Error(code), { code });
    const error = writeFailed('/x/y', cause);
    expect(error).toMatchObject({ code: 'WRITE_FAILED', message: `Cannot write "/x/y": ${code}`, cause });
    expect(error.hint).toContain(hint);
  });
});

describe('quoted', () => {
  it('cleans and cuts what came from outside', () => {
    expect(quoted('a\u001b[31m\u202eb\n')).toBe('"a?[31m?b?"');
    expect(quoted('x'.repeat(500))).toBe(`"${'x'.repeat(120)}…"`);
  });
});

describe('OciError', () => {
  it('has a code, and a hint and facts where there are any', () => {
    expect(new OciError('x', { code: 'WRITE_FAILED' })).toMatchObject({ name: 'OciError', hint: undefined, facts: {} });
    expect(new OciError('x', { code: 'WRITE_FAILED' })).not.toHaveProperty('cause');
  });
});
