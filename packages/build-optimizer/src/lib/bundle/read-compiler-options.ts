import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tsconfigInvalid } from './errors.ts';

/** The compiler options that change what a file compiles to; JSON. All others belong to the type check. */
export interface CompilerOptions {
  readonly alwaysStrict?: boolean;
  readonly experimentalDecorators?: boolean;
  readonly importsNotUsedAsValues?: string;
  readonly jsx?: string;
  readonly jsxFactory?: string;
  readonly jsxFragmentFactory?: string;
  readonly jsxImportSource?: string;
  readonly preserveValueImports?: boolean;
  readonly strict?: boolean;
  readonly target?: string;
  readonly useDefineForClassFields?: boolean;
  readonly verbatimModuleSyntax?: boolean;
}

export interface TypeScriptConfig {
  readonly compilerOptions: CompilerOptions;
  /** Absolute paths that a bare specifier may stand for, by the `paths` of tsconfig.json, in order. */
  readonly mapPath?: (specifier: string) => readonly string[];
  /** Absolute paths of tsconfig.json and of all files it extends. */
  readonly files: readonly string[];
}

const RELEVANT = [
  'alwaysStrict',
  'experimentalDecorators',
  'importsNotUsedAsValues',
  'jsx',
  'jsxFactory',
  'jsxFragmentFactory',
  'jsxImportSource',
  'preserveValueImports',
  'strict',
  'target',
  'useDefineForClassFields',
  'verbatimModuleSyntax',
] as const;

/** Reads the nearest tsconfig.json, in `directory` or above it, with all it extends. No such file is no options. */
export async function readCompilerOptions(directory: string): Promise<TypeScriptConfig> {
  const path = nearest(directory);
  if (path === undefined) return { compilerOptions: {}, files: [] };
  const { createPathsMatcher, parseTsconfig } = await import('get-tsconfig');
  // Its keys are the calls it made: `readFileSync:/project/tsconfig.json:utf8`.
  const calls = new Map<string, never>();
  try {
    const config = parseTsconfig(path, calls);
    const matcher = createPathsMatcher({ path, config });
    return {
      compilerOptions: relevantOptions(config.compilerOptions ?? {}),
      ...(matcher !== null && { mapPath: matcher }),
      files: [...calls.keys()].flatMap((call) => /^readFileSync:(.+):utf8$/.exec(call)?.[1] ?? []).sort(),
    };
  } catch (cause) {
    throw tsconfigInvalid(path, cause);
  }
}

function nearest(directory: string): string | undefined {
  for (let folder = directory; ; folder = dirname(folder)) {
    const path = join(folder, 'tsconfig.json');
    if (existsSync(path)) return path;
    if (dirname(folder) === folder) return undefined;
  }
}

function relevantOptions(options: Readonly<Record<string, unknown>>): CompilerOptions {
  const present = RELEVANT.filter((name) => options[name] !== undefined);
  return Object.fromEntries(present.map((name) => [name, options[name]]));
}
