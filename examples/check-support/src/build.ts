import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Runs `mcpgen build` from source, as the repository's own `mcpgen` script does. */
export async function build(directory: string): Promise<void> {
  const bin = fileURLToPath(new URL('./bin.ts', import.meta.resolve('mcpgen')));
  const flags = ['--conditions=@mcpgen/source', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...flags, bin, 'build', directory], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (exitCode !== 0) throw new Error(`Cannot build "${directory}": mcpgen build ended with exit code ${exitCode}`);
}
