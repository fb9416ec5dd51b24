/**
 * Characters that a reader does not see and a model does: control characters, zero-width and other format characters,
 * bidirectional marks, tag characters and the variation selectors that can smuggle data. Tab and line feed stay.
 */
const HIDDEN =
  /\u034F|[\u180B-\u180F]|[\uFE00-\uFE0D]|[\u{E0000}-\u{E0FFF}]|[\p{Cc}\u00AD\u061C\u115F\u1160\u17B4\u17B5\u200B-\u200F\u2028-\u202E\u2060-\u206F\u3164\uFEFF\uFFA0\uFFF0-\uFFFB]/gu;
const COMMENT = /<!--[\s\S]*?(?:-->|$)/g;

export interface VisibleText {
  readonly text: string;
  /** What was taken out, in words; empty when the text was clean. */
  readonly removed: readonly string[];
}

/** A text without what its reader could not see: the means by which descriptions are made to mislead models. */
export function visibleText(text: string): VisibleText {
  const removed: string[] = [];
  const lines = text.replace(/\r\n?/g, '\n');
  const shown = lines.replace(HIDDEN, (character) => {
    if (character === '\n' || character === '\t') return character;
    const name = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
    if (!removed.includes(name)) removed.push(name);
    return '';
  });
  let result = shown;
  // Taking a comment out can join the halves of another one.
  for (let before = ''; before !== result; ) {
    before = result;
    result = result.replace(COMMENT, '');
  }
  if (result !== shown) removed.push('an HTML comment');
  return { text: result, removed };
}
