import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig, type Options } from 'tsup';

/**
 * Every package is built alike: one output per file at the top of src (an `exports` key each), plus the worker files,
 * which stay separate because they are started by their path.
 */
export function packageConfig(overrides: Options = {}): Options {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const entry = readdirSync('src').filter((name) => /\.[jt]s$/.test(name) && !name.includes('.test.'));
  const workers = readdirSync('src/lib').filter((name) => name.endsWith('-worker.js'));
  return {
    // By name, so that all lie at the top of dist: workers are found beside the code that starts them.
    entry: Object.fromEntries([
      ...entry.map((name) => [name.replace(/\.[jt]s$/, ''), `src/${name}`]),
      ...workers.map((name) => [name.replace(/\.js$/, ''), `src/lib/${name}`]),
    ]),
    format: 'esm',
    target: 'node22',
    platform: 'node',
    dts: { entry: entry.filter((name) => name.endsWith('.ts')).map((name) => `src/${name}`) },
    clean: true,
    splitting: true,
    sourcemap: false,
    define: { 'process.env.MCPGEN_PACKAGE_VERSION': JSON.stringify(manifest.version) },
    ...overrides,
  };
}

export default defineConfig(packageConfig());
