import { loadEsbuild } from './load-libraries.ts';

/** Runs the bundler on one line and says which it is: `esbuild 0.28.2`. Rejects with its own error where it cannot run. */
export async function checkBundler(): Promise<string> {
  const esbuild = await loadEsbuild();
  await esbuild.transform('let x: number', { loader: 'ts' });
  return `esbuild ${esbuild.version}`;
}
