import type { ImportedNames } from './scan.ts';

const NAMES = /(?:^|,)\s*("(?:[^"\\]|\\.)*"|[^\s,"]+)/g;

/**
 * The names that a static import or re-export takes from its module.
 *
 * @param clause the statement up to its specifier, as the compiler prints it: without comments.
 * @example
 * importedNames('import def, { a as b } from ') // ['a', 'default']
 */
export function importedNames(clause: string): ImportedNames {
  if (/^(import|export)\b[^{]*\*/.test(clause)) return 'all';
  const names = new Set<string>();
  if (/^import\s+[^\s{]/.test(clause)) names.add('default');
  const list = /\{(.*)\}/s.exec(clause)?.[1] ?? '';
  for (const [, name = ''] of list.matchAll(NAMES)) {
    names.add(name.startsWith('"') ? String(JSON.parse(name)) : name);
  }
  return [...names].sort();
}
