import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes } from './compare-bytes.ts';

describe('compareBytes', () => {
  it('orders as the UTF-8 bytes do', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });

  it('differs from the order of UTF-16 units where that is another', () => {
    expect('\u{10000}' < '\uffff').toBe(true);
    expect(compareBytes('\u{10000}', '\uffff')).toBe(1);
  });
});
