import { optionInvalid } from './errors.ts';

/** A value between double quotes, as ENV and LABEL read it: nothing in it is a variable. */
export function quoteValue(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a Dockerfile has no way to write them
  if (/[\x00-\x1f\x7f]/.test(value)) throw optionInvalid('value', value, 'one line of text');
  return `"${value.replaceAll(/["\\$]/g, (character) => `\\${character}`)}"`;
}

/** `ENV` and `LABEL` with a pair a line, in bytewise order. */
export function pairLines(instruction: 'ENV' | 'LABEL', pairs: Readonly<Record<string, string>>): readonly string[] {
  const names = Object.keys(pairs).sort();
  return names.map((name, index) => {
    if (!/^[A-Za-z_][\w.-]*$/.test(name)) throw optionInvalid('name', name, 'letters, digits and _');
    const start = index === 0 ? `${instruction} ` : ' '.repeat(instruction.length + 1);
    return `${start}${name}=${quoteValue(pairs[name] ?? '')}${index === names.length - 1 ? '' : ' \\'}`;
  });
}

/** `COPY`; in the JSON form where a path has spaces. */
export function copyLine(flags: string, sources: readonly string[], target: string): string {
  for (const path of [...sources, target]) checkPath(path);
  const paths = [...sources, target];
  const plain = paths.every((path) => /^[\w./@+-]+$/.test(path));
  return `COPY ${flags}${plain ? paths.join(' ') : JSON.stringify(paths)}`;
}

/** A pattern that matches one name, or nothing, where a name that is missing would fail: `dep[s]`. */
export function optionalCopyLine(sources: readonly string[], target: string): string {
  for (const path of [...sources, target]) {
    checkPath(path);
    if (!/^[\w./@+-]*\w\/?$/.test(path)) throw optionInvalid('path', path, 'letters, digits and ._@+-');
  }
  return `COPY --link ${[...sources.map((path) => path.replace(/(\w)(\/?)$/, '[$1]$2')), target].join(' ')}`;
}

/** A path below the project or the context, as every builder reads it. */
export function checkPath(path: string): void {
  const parts = path.split('/');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a Dockerfile has no way to write them
  if (path === '' || parts.includes('..') || /[\x00-\x1f\x7f\\$*?[\]]/.test(path)) {
    throw optionInvalid('path', path, 'one below the project, without wildcards');
  }
}
