import { readFileSync } from 'node:fs';

/** The version of this package: of the command, and of the builds it makes. */
export const version: string = readVersion();

function readVersion(): string {
  // Built, the file lies in dist/; unbuilt, in src/lib/.
  for (const path of ['../package.json', '../../package.json']) {
    const manifest = readManifest(new URL(path, import.meta.url));
    if (manifest?.name === 'mcpgen' && manifest.version !== undefined) return manifest.version;
  }
  return '0.0.0';
}

function readManifest(url: URL): { readonly name?: string; readonly version?: string } | undefined {
  try {
    return JSON.parse(readFileSync(url, 'utf8'));
  } catch {
    return undefined;
  }
}
