/** A regular expression as far as the ways through it matter: what is matched one by one, and what may repeat. */
export type PatternNode =
  /** One character: the source of what matches it. */
  | { readonly kind: 'atom'; readonly source: string }
  | { readonly kind: 'sequence'; readonly items: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly options: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly item: PatternNode; readonly optional: boolean; readonly many: boolean }
  /** Looks ahead or behind: matched by itself, without taking part in what is around it. */
  | { readonly kind: 'look'; readonly item: PatternNode };

interface Cursor {
  readonly source: string;
  at: number;
}

const EMPTY: PatternNode = { kind: 'sequence', items: [] };
const ESCAPE = /\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|k<[^>]*>|\d+|[\s\S])/y;
const CLASS = /\[(?:\\[\s\S]|[^\]\\])*\]/y;
const QUANTIFIER = /(?:[*+?]|\{(?<min>\d+)(?<more>,(?<max>\d*))?\})\??/y;
const GROUP = /\((?:\?(?<look><?[=!])|\?(?::|<[^>]*>|[a-z-]*:))?/y;

/** Reads a pattern that is known to be valid. */
export function parsePattern(source: string): PatternNode {
  return parseChoice({ source, at: 0 });
}

function parseChoice(cursor: Cursor): PatternNode {
  const options = [parseSequence(cursor)];
  while (cursor.source[cursor.at] === '|') {
    cursor.at++;
    options.push(parseSequence(cursor));
  }
  return options.length === 1 ? (options[0] ?? EMPTY) : { kind: 'choice', options };
}

function parseSequence(cursor: Cursor): PatternNode {
  const items: PatternNode[] = [];
  while (cursor.at < cursor.source.length && cursor.source[cursor.at] !== '|' && cursor.source[cursor.at] !== ')') {
    items.push(parseQuantifier(parseItem(cursor), cursor));
  }
  return { kind: 'sequence', items };
}

function parseQuantifier(item: PatternNode, cursor: Cursor): PatternNode {
  const match = take(QUANTIFIER, cursor);
  if (match === undefined) return item;
  const { min, more, max } = match.groups ?? {};
  const sign = match[0][0];
  const least = sign === '+' ? 1 : Number(min ?? 0);
  const most =
    sign === '?'
      ? 1
      : min === undefined || (more !== undefined && max === '')
        ? Number.POSITIVE_INFINITY
        : Number(max ?? min);
  return { kind: 'repeat', item, optional: least === 0, many: most > 1 && most !== least };
}

function parseItem(cursor: Cursor): PatternNode {
  const group = take(GROUP, cursor);
  if (group !== undefined) {
    const item = parseChoice(cursor);
    cursor.at++;
    return group.groups?.look === undefined ? item : { kind: 'look', item };
  }
  const escaped = take(ESCAPE, cursor)?.[0];
  if (escaped !== undefined) return /^\\[bB]/.test(escaped) ? EMPTY : { kind: 'atom', source: atomOf(escaped) };
  const characters = take(CLASS, cursor)?.[0];
  if (characters !== undefined) return { kind: 'atom', source: characters };
  const character = cursor.source[cursor.at++] ?? '';
  return character === '^' || character === '$' ? EMPTY : { kind: 'atom', source: character };
}

/** What a group has matched may be anything. */
function atomOf(escaped: string): string {
  return /^\\(?:[1-9]|k<)/.test(escaped) ? '[\\s\\S]' : escaped;
}

function take(pattern: RegExp, cursor: Cursor): RegExpExecArray | undefined {
  pattern.lastIndex = cursor.at;
  const match = pattern.exec(cursor.source);
  if (match === null) return undefined;
  cursor.at += match[0].length;
  return match;
}
