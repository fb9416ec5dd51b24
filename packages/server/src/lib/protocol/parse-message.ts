import { type Refusal, refuse } from './answer.ts';
import { INVALID_REQUEST, PARSE_ERROR } from './protocol.ts';

/** How deep a message may nest, and how deep below `params.arguments`, which lies two levels down. */
const MESSAGE_DEPTH = 64;
const ARGUMENTS_DEPTH = 2 + 256;
const KEY_LIMIT = 10_000;
/** Keys of one object at the two levels above. Honest messages have few there, and hostile ones cost no quadratic time. */
const SEEN_LIMIT = 64;

export class ParsedMessage {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

/**
 * Parses one message after a look at its text: too deep, too many keys, or one key twice where two parsers could
 * disagree about what the message says, is refused.
 */
export function parseMessage(text: string): ParsedMessage | Refusal {
  const problem = findProblem(text);
  if (problem !== undefined) return refuse(undefined, 400, INVALID_REQUEST, `Invalid request: ${problem}`);
  try {
    return new ParsedMessage(JSON.parse(text));
  } catch {
    return refuse(undefined, 400, PARSE_ERROR, 'Parse error: the message is not valid JSON');
  }
}

const QUOTE = 34;
const COLON = 58;
const BACKSLASH = 92;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const OPEN_ARRAY = 91;
const CLOSE_ARRAY = 93;

/** One pass over the text. Invalid JSON passes: the parser says what is wrong with it. */
function findProblem(text: string): string | undefined {
  let depth = 0;
  let keys = 0;
  let limit = MESSAGE_DEPTH;
  const top: string[] = [];
  const second: string[] = [];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at + 1);
      const isKey = nextCode(text, end + 1) === COLON;
      if (isKey) {
        if (++keys > KEY_LIMIT) return `it has more than ${KEY_LIMIT} keys`;
        if (depth <= 2) {
          const seen = depth === 1 ? top : second;
          if (seen.length === SEEN_LIMIT) return `it has more than ${SEEN_LIMIT} keys in one object`;
          if (isRepeated(seen, text, at, end)) return 'it has the same key twice';
          limit = depth === 2 && text.startsWith('"arguments"', at) ? ARGUMENTS_DEPTH : MESSAGE_DEPTH;
        }
      }
      at = end;
    } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      if (++depth > limit) return 'it nests too deep';
      if (depth === 2) second.length = 0;
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) depth--;
  }
  return undefined;
}

function endOfString(text: string, from: number): number {
  let end = text.indexOf('"', from);
  while (end !== -1 && isEscaped(text, end, from)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, at: number, from: number): boolean {
  let slashes = 0;
  for (let back = at - 1; back >= from && text.charCodeAt(back) === BACKSLASH; back--) slashes++;
  return slashes % 2 === 1;
}

function nextCode(text: string, from: number): number {
  let at = from;
  let code = text.charCodeAt(at);
  while (code === 32 || code === 10 || code === 13 || code === 9) code = text.charCodeAt(++at);
  return code;
}

function isRepeated(seen: string[], text: string, at: number, end: number): boolean {
  const key = readKey(text.slice(at, end + 1));
  if (seen.includes(key)) return true;
  seen.push(key);
  return false;
}

function readKey(quoted: string): string {
  if (!quoted.includes('\\')) return quoted;
  try {
    return JSON.stringify(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}
