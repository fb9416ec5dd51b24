import { resolve } from 'node:path';
import type { Metafile } from 'esbuild';
import type { Output } from './write-outputs.ts';

/**
 * What esbuild says of outputs, by their absolute paths: how many bytes come from which source. Nothing of one that has a
 * single source, which most modules of tools are.
 *
 * @param root what the paths of the metafile are relative to.
 */
export function sourcesByOutput(
  { outputs }: Metafile,
  { root, label }: { readonly root: string; readonly label: (input: string) => string },
): (path: string) => Pick<Output, 'sources'> {
  const inputs = new Map(Object.entries(outputs).map(([output, found]) => [resolve(root, output), found.inputs]));
  return (path) => {
    const sources = Object.entries(inputs.get(path) ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
    if (sources.length < 2) return {};
    return { sources: Object.fromEntries(sources.map(([input, { bytesInOutput }]) => [label(input), bytesInOutput])) };
  };
}
