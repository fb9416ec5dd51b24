import { describe, expect, it } from 'vitest';
import { createDumpFilter } from './dump-filter.ts';

const DUMP =
  '\n<--- Last few GCs --->\n\n[1:0x1] 10 ms\n\nFATAL ERROR: Reached heap limit - JavaScript heap out of memory\n';

describe('createDumpFilter', () => {
  it('passes on what is no dump at once', () => {
    const filter = createDumpFilter();
    expect(['one\n', 'two', ' <--- Last', ' three\n'].map((text) => filter.pass(text)).join('|')).toBe(
      'one\n|two| <--- Last| three\n',
    );
    expect(filter.outOfMemory).toBe(false);
  });

  it('passes on what only begins like a dump', () => {
    const filter = createDumpFilter();
    expect([filter.pass('<--- La'), filter.pass('ter --->\n')]).toEqual(['', '<--- Later --->\n']);
  });

  it('drops a dump, however it is cut', () => {
    for (let at = 0; at <= DUMP.length; at++) {
      const filter = createDumpFilter();
      const passed = ['before\n', DUMP.slice(0, at), DUMP.slice(at)].map((text) => filter.pass(text)).join('');
      expect(passed.trimEnd()).toBe('before');
      expect(filter.outOfMemory).toBe(true);
    }
  });
});
