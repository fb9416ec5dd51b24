/**
 * The libraries that cost time to load, each loaded on first use: a build in which nothing changed needs none of them.
 */

export type Esbuild = typeof import('esbuild');
export type ModuleLexer = typeof import('es-module-lexer');
export type CommonJsLexer = typeof import('cjs-module-lexer');

export function loadEsbuild(): Promise<Esbuild> {
  return import('esbuild');
}

/** Lexes ES modules; ready to use. */
export async function loadModuleLexer(): Promise<ModuleLexer> {
  const lexer = await import('es-module-lexer');
  await lexer.init();
  return lexer;
}

/** Finds the export names of CommonJS modules; ready to use. */
export async function loadCommonJsLexer(): Promise<CommonJsLexer> {
  const lexer = await import('cjs-module-lexer');
  await lexer.init();
  return lexer;
}
