import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { bytewise } from './bytewise.ts';
import type { PackageFinder } from './installed-package.ts';
import { type CommonJsLexer, loadCommonJsLexer, loadModuleLexer, type ModuleLexer } from './load-libraries.ts';
import { moduleFormat } from './module-format.ts';
import type { ImportedNames } from './scan.ts';

export interface FacadeTools {
  readonly packages: PackageFinder;
  readonly lexer: ModuleLexer;
  readonly commonJsLexer: CommonJsLexer;
}

export async function loadFacadeTools(packages: PackageFinder): Promise<FacadeTools> {
  const [lexer, commonJsLexer] = await Promise.all([loadModuleLexer(), loadCommonJsLexer()]);
  return { packages, lexer, commonJsLexer };
}

/**
 * The text of a module that exports of `file` just the names that are imported, so that the rest can be dropped. For
 * CommonJS it gives what Node gives to an import: `default` is `module.exports`, as it is.
 */
export function facade(file: string, names: ImportedNames, tools: FacadeTools): string {
  const from = JSON.stringify(file);
  if (moduleFormat(file, tools) === 'commonjs') {
    return commonJsFacade(from, names === 'all' ? ['default', 'module.exports', ...commonJsNames(file, tools)] : names);
  }
  if (names === 'all') {
    const hasDefault = exportsDefault(file, tools.lexer);
    return `export * from ${from};${hasDefault ? `export { default } from ${from};` : ''}`;
  }
  if (names.length === 0) return `import ${from};`;
  return `export { ${names.map((name) => JSON.stringify(name)).join(', ')} } from ${from};`;
}

function commonJsFacade(from: string, names: readonly string[]): string {
  const lines = [`const all = require(${from});`];
  // A getter that throws hides its export and no other one: Node does the same.
  lines.push('const get = (name) => { try { return all[name]; } catch {} };');
  for (const [index, name] of names.entries()) {
    const whole = name === 'default' || name === 'module.exports';
    lines.push(`const v${index} = ${whole ? 'all' : `get(${JSON.stringify(name)})`};`);
    lines.push(`export { v${index} as ${JSON.stringify(name)} };`);
  }
  if (names.length === 0) lines.push('export {};');
  return lines.join('\n');
}

function exportsDefault(file: string, lexer: ModuleLexer): boolean {
  const [, exports] = lexer.parse(readFileSync(file, 'utf8'), file);
  return exports.some((found) => found.type !== 'reexport-all' && found.name === 'default');
}

/** The names that Node finds in a CommonJS module without running it. */
function commonJsNames(file: string, tools: FacadeTools, seen = new Set<string>()): string[] {
  if (seen.has(file) || !['.js', '.cjs', ''].includes(extname(file))) return [];
  seen.add(file);
  const { exports, reexports } = tools.commonJsLexer.parse(readFileSync(file, 'utf8'), file);
  const names = new Set(exports);
  for (const specifier of reexports) {
    for (const name of commonJsNames(resolveFrom(file, specifier), tools, seen)) names.add(name);
  }
  for (const whole of ['default', 'module.exports']) names.delete(whole);
  return [...names].sort(bytewise);
}

function resolveFrom(file: string, specifier: string): string {
  return createRequire(file).resolve(specifier);
}
