import type { BuildOptions } from 'esbuild';

/** How code that is not the author's is bundled: packages and the runtime. */
export const PACKAGE_OPTIONS = {
  bundle: true,
  splitting: true,
  write: false,
  metafile: true,
  format: 'esm',
  platform: 'node',
  // As Node resolves: `main`, and no condition that only bundlers know.
  mainFields: ['main'],
  conditions: [],
  // Not the syntax: that takes the names of class expressions, which programs look at, to save 3% (zod, undici).
  minifyWhitespace: true,
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'silent',
  tsconfigRaw: '{}',
} as const satisfies BuildOptions;

/** Our own packages, as long as they are not built, are resolved to their source by this condition. */
export function sourceConditions(files: readonly string[]): string[] {
  return files.some((file) => file.endsWith('.ts')) ? ['@mcpgen/source'] : [];
}
