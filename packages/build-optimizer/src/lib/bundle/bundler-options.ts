import type { OnBundleEvent } from './bundle-event.ts';

export interface BundlerOptions {
  /** The project; absolute. */
  readonly directory: string;
  /** Where `modules/`, `deps/` and `runtime/` are written; absolute. Never changes what is written. */
  readonly outDirectory: string;
  /** Removes whitespace and comments from chunks; names stay, since programs and stack traces show them. */
  readonly minify: boolean;
  /** Writes a source map beside each chunk of the author's own code. */
  readonly sourcemap: boolean;
  /** Specifiers that stand for a file of ours, whoever imports them: `@mcpgen/server`. Absolute paths. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** What the server will run on, as esbuild writes it; default `node22`. */
  readonly target?: string;
  readonly onEvent?: OnBundleEvent;
}
