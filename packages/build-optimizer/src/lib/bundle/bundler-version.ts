import { createRequire } from 'node:module';

let version: string | undefined;

/** The version of esbuild, without loading it: what it writes depends on it. */
export function bundlerVersion(): string {
  version ??= parseVersion(createRequire(import.meta.url)('esbuild/package.json'));
  return version;
}

function parseVersion(manifest: unknown): string {
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '';
}
