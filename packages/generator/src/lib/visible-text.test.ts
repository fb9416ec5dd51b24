import { describe, expect, it } from 'vitest';
import { visibleText } from './visible-text.ts';

describe('visibleText', () => {
  it.each([
    ['a\u200Bb', 'ab', ['U+200B']],
    ['a\u202Eb\u2066c', 'abc', ['U+202E', 'U+2066']],
    ['a\u{E0041}\u{E0101}b', 'ab', ['U+E0041', 'U+E0101']],
    ['a\u0000\u001B[31mb\u007F', 'a[31mb', ['U+0000', 'U+001B', 'U+007F']],
    ['a<!-- x -->b', 'ab', ['an HTML comment']],
    ['a<!-- x', 'a', ['an HTML comment']],
    ['<!<!-- x -->-- y -->b', 'b', ['an HTML comment']],
    ['a\uFEFF\u00AD\u034Fb', 'ab', ['U+FEFF', 'U+00AD', 'U+034F']],
  ])('takes out of %j what a reader would not see', (text, shown, removed) => {
    expect(visibleText(text)).toEqual({ text: shown, removed });
  });

  it.each(['a\n\tb', 'Größe 中文 שלום', '\u{1F600} \u2764\uFE0F', 'a < b -- c > d'])('leaves %j as it is', (text) => {
    expect(visibleText(text)).toEqual({ text, removed: [] });
  });

  it('ends lines in one way', () => {
    expect(visibleText('a\r\nb\rc')).toEqual({ text: 'a\nb\nc', removed: [] });
  });
});
