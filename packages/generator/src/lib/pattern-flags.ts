/**
 * The flags to compile a pattern of JSON Schema with. The dialect means `u`; without it V8 can fall back to a matcher
 * of linear time, so it is left out wherever it makes no difference, and where the pattern is not valid with it.
 */
export function patternFlags(source: string): '' | 'u' {
  if (!compiles(source, '')) return 'u';
  return sameWithoutUnicode(source) || !compiles(source, 'u') ? '' : 'u';
}

function compiles(source: string, flags: string): boolean {
  try {
    return new RegExp(source, flags) instanceof RegExp;
  } catch {
    return false;
  }
}

/** Whatever matches one code point of any kind: `.`, `[^...]`, `\D`, a class with `\S` in it. */
const WIDE = /\\[DSW]|\[\^(?:\\.|[^\]\\])*\]|\[(?:\\.|[^\]\\])*\\[DSW](?:\\.|[^\]\\])*\]|\./g;

/**
 * Without `u` a pair of surrogates is two characters. That shows only where something matches characters that are not
 * named and counts them: more often than once for the whole pattern, or inside a group that may repeat.
 */
function sameWithoutUnicode(source: string): boolean {
  if (/[^\x20-\x7e]|\\[pPu]|\\k</.test(source)) return false;
  // Escaped characters and classes without a wide part match what they name.
  const plain = source.replace(/\\[^DSW]/g, 'x');
  let counted = 0;
  for (const match of plain.matchAll(WIDE)) {
    const after = plain[match.index + match[0].length];
    if (insideClass(plain, match.index) || after === '*') continue;
    if (after !== '+' || plain.includes('(')) return false;
    counted++;
  }
  return counted <= 1;
}

function insideClass(source: string, index: number): boolean {
  let open = false;
  for (let at = 0; at < index; at++) {
    if (source[at] === '\\') at++;
    else if (source[at] === '[' && !open) open = true;
    else if (source[at] === ']') open = false;
  }
  return open;
}
