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
    entry: [...entry.map((name) => `src/${name}`), ...workers.map((name) => `src/lib/${name}`)],
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
