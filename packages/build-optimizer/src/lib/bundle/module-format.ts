import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { PackageFinder } from './installed-package.ts';
import type { ModuleLexer } from './load-libraries.ts';

export type ModuleFormat = 'module' | 'commonjs';

/** How Node reads a file of a package: by its extension, then its package's `type`, then its syntax. */
export function moduleFormat(
  file: string,
  { packages, lexer }: { readonly packages: PackageFinder; readonly lexer: ModuleLexer },
): ModuleFormat {
  const extension = extname(file);
  if (extension === '.mjs' || extension === '.mts') return 'module';
  if (extension !== '.js' && extension !== '.ts') return 'commonjs';
  const type = packages.owner(file)?.manifest.type;
  if (type !== undefined) return type === 'module' ? 'module' : 'commonjs';
  return hasModuleSyntax(readFileSync(file, 'utf8'), lexer) ? 'module' : 'commonjs';
}

function hasModuleSyntax(code: string, lexer: ModuleLexer): boolean {
  try {
    return lexer.parse(code)[3];
  } catch {
    // Not an ES module, as far as this lexer can tell: CommonJS may hold what is an error there.
    return false;
  }
}
