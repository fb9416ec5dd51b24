/** Takes V8's dump, which is of no use to an author, out of what a process writes to stderr. */
export interface DumpFilter {
  /** What of the text, and of what was held back before it, is to be passed on. */
  pass(text: string): string;
  /** Whether the dump said that the memory is used up. */
  readonly outOfMemory: boolean;
}

/** The line with which V8 begins when it gives up for want of memory. Its process writes nothing else after it. */
const BEGIN = '<--- Last few GCs --->';

export function createDumpFilter(): DumpFilter {
  let held = '';
  let dump = '';
  return {
    get outOfMemory() {
      return dump.includes('out of memory');
    },
    pass(text) {
      if (dump !== '') {
        dump += text;
        return '';
      }
      held += text;
      const begin = beginOf(held);
      const passed = held.slice(0, begin);
      held = held.slice(begin);
      if (!held.startsWith(BEGIN)) return passed;
      dump = held;
      return passed.replace(/(?<=^|\n)\n$/, '');
    },
  };
}

/** Where the dump begins, or may begin with what comes next; else the end. */
function beginOf(text: string): number {
  const at = `\n${text}`.indexOf(`\n${BEGIN}`);
  if (at >= 0) return at;
  const line = text.slice(text.lastIndexOf('\n') + 1);
  return text.length - (BEGIN.startsWith(line) ? line.length : 0);
}
