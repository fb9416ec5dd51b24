import { hash } from 'node:crypto';
import type { Metafile } from 'esbuild';
import { bytewise } from './bytewise.ts';
import type { Output } from './write-outputs.ts';

/** Code that still asks for `require`, which an ES module does not have. */
const REQUIRE_BANNER =
  'import{createRequire as mcpgenRequire}from"node:module";const require=mcpgenRequire(import.meta.url);\n';

export interface RawOutput {
  /** Relative to the output directory, with `/`. */
  readonly file: string;
  readonly text: string;
}

/**
 * Takes from esbuild's output what depends on where packages are installed, and gives `require` to the files that use
 * it. The names of shared chunks are made anew from what is in them.
 *
 * @param label a name for an input of the metafile that is the same wherever it lies: `ms@2.1.3/index.js`.
 */
export function finishOutputs(
  outputs: readonly RawOutput[],
  { metafile, label }: { readonly metafile: Metafile; readonly label: (input: string) => string },
): Output[] {
  const commonJs = Object.entries(metafile.inputs).filter(([, { format }]) => format !== 'esm');
  const labels = new Map(
    commonJs.map(([input]) => [`{${JSON.stringify(input)}(`, `{${JSON.stringify(label(input))}(`]),
  );
  const finished = outputs.map(({ file, text }) => ({ file, text: addRequire(relabel(text, labels)) }));
  return renameChunks(finished);
}

/** `__commonJS({"node_modules/ms/index.js"(exports,module){`: the key becomes the function's name in stack traces. */
function relabel(text: string, labels: ReadonlyMap<string, string>): string {
  return text.replace(/\{"(?:[^"\\\n]|\\.)+"\(/g, (key) => labels.get(key) ?? key);
}

function addRequire(text: string): string {
  return /\btypeof require\b/.test(text) ? REQUIRE_BANNER + text : text;
}

/** esbuild names shared chunks `chunk-<8 letters>.js` by a hash that knows paths; here they are named by content. */
function renameChunks(outputs: readonly RawOutput[]): Output[] {
  const chunks = outputs.flatMap(({ file }) => /([\w.]+-[A-Z0-9]{8})\.js$/.exec(file)?.[1] ?? []);
  if (chunks.length === 0) return outputs.map(({ file, text }) => ({ file, contents: text }));
  const pattern = new RegExp(chunks.map((chunk) => chunk.replaceAll('.', '\\.')).join('|'), 'g');
  const digests = new Map<string, string>();
  for (const { file, text } of outputs) {
    const name = chunks.find((chunk) => file.endsWith(`${chunk}.js`));
    if (name !== undefined) digests.set(name, hash('sha256', text.replace(pattern, 'chunk')).slice(0, 16));
  }
  const names = uniqueNames([...digests].sort(([, a], [, b]) => bytewise(a, b)));
  const rename = (text: string) => text.replace(pattern, (name) => names.get(name) ?? name);
  return outputs.map(({ file, text }) => ({ file: rename(file), contents: rename(text) }));
}

function uniqueNames(digests: readonly (readonly [string, string])[]): Map<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const [chunk, digest] of digests) {
    const base = `${chunk.slice(0, -'-12345678'.length)}-${digest}`;
    let name = base;
    for (let attempt = 2; taken.has(name); attempt += 1) name = `${base}-${attempt}`;
    taken.add(name);
    names.set(chunk, name);
  }
  return names;
}
