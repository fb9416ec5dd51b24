/**
 * Runs every example as a reader would: `pnpm examples`. The packages' own examples are scripts; an example project is
 * built by the command and its server called over HTTP and stdio by its check.
 */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { type Count, countOf, formatCount, readCount, sumCounts } from './count.ts';
import { root, run } from './run.ts';

const scripts = globSync('packages/*/examples/*.ts', { cwd: root }).sort();
const checks = globSync('examples/*/check.ts', { cwd: root }).sort();
const counts: Count[] = [];
for (const path of [...scripts, ...checks]) counts.push(await runExample(path));
const total = sumCounts(counts);
console.log(`\n${formatCount(total)}`);
process.exitCode = total.failed === 0 ? 0 : 1;

/** An example that does not count its checks is one check. */
async function runExample(path: string): Promise<Count> {
  const directory = join(root, path, path.startsWith('packages/') ? '../..' : '..');
  const conditions = ['--conditions=@mcpgen/source', '--disable-warning=ExperimentalWarning'];
  const { exitCode, output } = await run(process.execPath, [...conditions, join(root, path)], {
    directory,
    show: false,
  });
  const told = countOf(exitCode, readCount(output));
  const count = told.passed + told.failed === 0 ? { passed: 1, failed: 0 } : told;
  console.log(`${exitCode === 0 ? 'ok  ' : 'FAIL'} ${path} (${formatCount(count)})`);
  if (exitCode !== 0) console.log(output.replaceAll(/^/gm, '     '));
  return count;
}
