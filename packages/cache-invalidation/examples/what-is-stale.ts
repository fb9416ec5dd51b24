import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from '@mcpgen/build-cache';
import {
  explainChange,
  fingerprint,
  openStatCache,
  outputsInPlace,
  readBuildState,
  readOutputFacts,
  writeBuildState,
} from '@mcpgen/cache-invalidation';

const root = mkdtempSync(join(tmpdir(), 'what-is-stale-'));
const stateFile = join(root, '.cache/state');
mkdirSync(join(root, 'tools'));
mkdirSync(join(root, 'dist'));
writeFileSync(join(root, 'tools/echo.ts'), 'export default 1;');

/** Builds one step where it must, and says why. */
function build(minify: boolean): string {
  const statCache = openStatCache({ file: join(root, '.cache/stat'), root, now: Date.now });
  const { key, components } = fingerprint({
    step: 'bundle:tools/echo',
    version: 1,
    generator: '1.0',
    files: { 'tools/echo.ts': statCache.digest(join(root, 'tools/echo.ts')) },
    options: { minify },
  });
  const last = readBuildState(stateFile).steps.get('bundle:tools/echo');
  if (last?.key === key && outputsInPlace(join(root, 'dist'), last.outputs)) return 'fresh';
  writeFileSync(join(root, 'dist/echo.js'), 'export default 1;');
  const outputs = readOutputFacts(join(root, 'dist'), ['echo.js']);
  const state = { key, components, output: digestOf('echo.js'), value: null, duration: 3, outputs };
  writeBuildState(stateFile, { steps: new Map([['bundle:tools/echo', state]]) });
  statCache.save();
  return last?.key === key ? 'outputs changed' : explainChange(last?.components, components);
}

assert.equal(build(false), 'first build');
assert.equal(build(false), 'fresh');
assert.equal(build(true), 'option "minify" changed from false to true');
writeFileSync(join(root, 'tools/echo.ts'), 'export default 2;');
assert.equal(build(true), 'tools/echo.ts changed');
rmSync(join(root, 'dist/echo.js'));
assert.equal(build(true), 'outputs changed');
assert.equal(build(true), 'fresh');
rmSync(root, { recursive: true });
