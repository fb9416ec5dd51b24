/**
 * Orders text by its UTF-8 bytes: the same on every machine and in every locale.
 * JavaScript's `<` orders by UTF-16 units, which differs only where a surrogate meets a unit above it.
 */
export function compareBytes(a: string, b: string): number {
  if (a === b) return 0;
  if (BEYOND_ASCII_ORDER.test(a) || BEYOND_ASCII_ORDER.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
}

const BEYOND_ASCII_ORDER = /[\ud800-\uffff]/;
