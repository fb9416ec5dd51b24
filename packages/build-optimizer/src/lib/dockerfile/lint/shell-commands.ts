/** A word of a command line, without its quotes, and where it stands in the Dockerfile. */
export interface ShellWord {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Whether it is as it stands: no quotes, variables, globs or substitutions. */
  readonly plain: boolean;
}

/** One simple command of a script. */
export interface ShellCommand {
  /** The program, without its directory: `apt-get`. */
  readonly name: string;
  /** What follows the program. */
  readonly args: readonly ShellWord[];
  /** The program itself. */
  readonly program: ShellWord;
  readonly end: number;
  /** What stands before it. */
  readonly operator: '' | '&&' | '||' | ';' | '|' | '&';
  /** Run by sudo. */
  readonly sudo: boolean;
}

export interface ShellRange {
  readonly start: number;
  readonly end: number;
  /** Of the Dockerfile: `\` or a backtick. */
  readonly escapeCharacter: string;
  /** `lines`: a line is a command, as in a here-document. `joined`: only continued lines go on. */
  readonly form: 'joined' | 'lines';
}

/**
 * Splits a script into its commands: enough of a shell to know which programs are called with which words. What it does not
 * know (functions, case, arithmetic) comes out as commands with odd names, never as an error.
 */
export function shellCommands(text: string, range: ShellRange): readonly ShellCommand[] {
  const found: ShellCommand[] = [];
  let words: ShellWord[] = [];
  let operator: ShellCommand['operator'] = '';
  const close = (next: ShellCommand['operator']): void => {
    const command = toCommand(words, operator);
    if (command !== undefined) found.push(command, ...nested(text, command, range));
    // Reserved words such as `then` stand between an operator and its command.
    if (words.length > 0 || operator === '') operator = next;
    words = [];
  };
  for (let at = range.start; at < range.end; ) {
    const skipped = skipBlank(text, at, range);
    if (skipped > at) {
      at = skipped;
      continue;
    }
    const sign = text.startsWith('&>', at) ? undefined : OPERATORS.find((candidate) => text.startsWith(candidate, at));
    if (sign !== undefined) {
      close(MEANINGS[sign] ?? ';');
      at += sign.length;
      continue;
    }
    const word = readWord(text, at, range);
    words.push(word);
    at = Math.max(word.end, at + 1);
  }
  close('');
  return found;
}

const OPERATORS = ['&&', '||', '|&', ';;', '|', ';', '&', '\n', '(', ')'] as const;
const MEANINGS: Readonly<Record<string, ShellCommand['operator']>> = {
  '&&': '&&',
  '||': '||',
  '|': '|',
  '|&': '|',
  '&': '&',
};

/** Blanks, continued lines, and comments, which a Dockerfile allows between continued lines. */
function skipBlank(text: string, start: number, { end, escapeCharacter, form }: ShellRange): number {
  let at = start;
  for (;;) {
    const continued = continuation(text, at, escapeCharacter);
    const atLineStart = at === 0 || text[at - 1] === '\n';
    if (continued > at) at = continued;
    else if (at < end && /[ \t\r]/.test(text[at] ?? '')) at++;
    else if (at < end && text[at] === '\n' && form === 'joined') at++;
    else if (at < end && text[at] === '#' && (atLineStart || /\s/.test(text[at - 1] ?? ''))) at = lineEnd(text, at);
    else return Math.min(at, end);
  }
}

/** Past an escapeCharacter character that ends its line. */
function continuation(text: string, at: number, escapeCharacter: string): number {
  if (text[at] !== escapeCharacter) return at;
  let next = at + 1;
  while (text[next] === ' ' || text[next] === '\t' || text[next] === '\r') next++;
  return text[next] === '\n' ? next + 1 : at;
}

function lineEnd(text: string, at: number): number {
  const found = text.indexOf('\n', at);
  return found === -1 ? text.length : found;
}

function readWord(text: string, start: number, range: ShellRange): ShellWord {
  const parts: string[] = [];
  let plain = true;
  let at = start;
  while (at < range.end) {
    const character = text[at] ?? '';
    // `2>&1` and `&>file` are redirections.
    const redirects = character === '&' && (/[<>]/.test(text[at - 1] ?? '') || text[at + 1] === '>');
    if ((!redirects && /[\s;&|()]/.test(character)) || continuation(text, at, range.escapeCharacter) > at) break;
    if (character === "'" || character === '"' || character === '`') {
      const closing = closingQuote(text, at, range.end);
      parts.push(text.slice(at + 1, closing));
      plain = false;
      at = closing + 1;
    } else if (text.startsWith('$(', at) || text.startsWith('<(', at) || text.startsWith('>(', at)) {
      const closing = closingParenthesis(text, at + 1, range.end);
      parts.push(text.slice(at, closing));
      plain = false;
      at = closing;
    } else if (character === '\\') {
      parts.push(text[at + 1] ?? '');
      plain = false;
      at += 2;
    } else {
      plain &&= !/[$*?[\]{}~<>!]/.test(character);
      parts.push(character);
      at++;
    }
  }
  return { text: parts.join(''), start, end: Math.min(at, range.end), plain };
}

function closingQuote(text: string, open: number, end: number): number {
  const quote = text[open];
  for (let at = open + 1; at < end; at++) {
    if (text[at] === '\\' && quote !== "'") at++;
    else if (text[at] === quote) return at;
  }
  return end;
}

function closingParenthesis(text: string, open: number, end: number): number {
  let depth = 0;
  for (let at = open; at < end; at++) {
    if (text[at] === "'" || text[at] === '"') at = closingQuote(text, at, end);
    else if (text[at] === '(') depth++;
    else if (text[at] === ')' && --depth === 0) return at + 1;
  }
  return end;
}

const RESERVED = new Set([
  'if',
  'then',
  'else',
  'elif',
  'do',
  'while',
  'until',
  '!',
  '{',
  '}',
  'time',
  'exec',
  'command',
  'fi',
  'done',
]);

function toCommand(all: readonly ShellWord[], operator: ShellCommand['operator']): ShellCommand | undefined {
  const words = withoutRedirections(all);
  let first = 0;
  let sudo = false;
  for (; first < words.length; first++) {
    const text = words[first]?.text ?? '';
    if (text === 'sudo' || text.endsWith('/sudo')) sudo = true;
    else if (!(RESERVED.has(text) || /^[A-Za-z_]\w*=/.test(text) || text === 'env' || (sudo && text.startsWith('-'))))
      break;
  }
  const program = words[first] ?? (sudo ? words[0] : undefined);
  if (program === undefined) return undefined;
  const last = all[all.length - 1] ?? program;
  const name = program.text.slice(program.text.lastIndexOf('/') + 1);
  return { name, program, args: words.slice(first + 1), end: last.end, operator, sudo };
}

/** `2>/dev/null` and `> file` are no words of the command. */
function withoutRedirections(words: readonly ShellWord[]): readonly ShellWord[] {
  return words.filter(({ text, plain }, index) => {
    const before = words[index - 1];
    const isTarget = before !== undefined && !before.plain && /^(\d*|&)(>>?|<)$/.test(before.text);
    return !isTarget && (plain || !/^(\d*|&)[<>](?!\()/.test(text));
  });
}

/** The script of `sh -c '…'`. */
function nested(text: string, command: ShellCommand, range: ShellRange): readonly ShellCommand[] {
  if (!/^(ba|da|a|z)?sh$/.test(command.name)) return [];
  const at = command.args.findIndex((word) => /^-\w*c$/.test(word.text));
  const script = at === -1 ? undefined : command.args[at + 1];
  if (script === undefined || !/^["']/.test(text[script.start] ?? '')) return [];
  const [start, end] = [script.start + 1, script.end - 1];
  return start < end ? shellCommands(text, { ...range, start, end }) : [];
}
