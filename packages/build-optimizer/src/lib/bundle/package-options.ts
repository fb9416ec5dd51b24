import type { BuildOptions } from 'esbuild';

/** How code that is not the author's is bundled: packages and the runtime. */
export const PACKAGE_OPTIONS = {
  bundle: true,
  splitting: true,
  write: false,
  metafile: true,
  format: 'esm',
  platform: 'node',
  // As Node resolves.
  mainFields: ['main'],
  // Not the syntax: that takes the names of class expressions, which programs look at, to save 3% (zod, undici).
  minifyWhitespace: true,
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'silent',
  tsconfigRaw: '{}',
} as const satisfies BuildOptions;

/**
 * The conditions of `exports` besides Node's own: our packages, as long as they are not built, are resolved to their
 * source. Naming any, or an empty list, turns off `module`, which only bundlers know.
 */
export function sourceConditions(files: readonly string[]): string[] {
  return files.some((file) => file.endsWith('.ts')) ? ['@mcpgen/source'] : [];
}
