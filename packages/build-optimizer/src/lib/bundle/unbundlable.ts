import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { InstalledPackage } from './installed-package.ts';

/** `sharp-linux-x64`, `@node-rs/crc32-darwin-arm64`, `@rollup/rollup-linux-x64-gnu`. */
const PLATFORM_PACKAGE =
  /[-/](aix|android|darwin|freebsd|linux|linuxmusl|netbsd|openbsd|openharmony|sunos|wasm32|win32)(-(arm|arm64|armv7|ia32|loong64|mips64el|ppc64|ppc64le|riscv64|s390x|universal|wasi|x64)\b.*)?$/;

/** Packages that find and load native addons. */
const ADDON_LOADERS = new Set([
  '@mapbox/node-pre-gyp',
  'bindings',
  'node-addon-api',
  'node-gyp-build',
  'node-gyp-build-optional-packages',
  'node-pre-gyp',
  'pkg-prebuilds',
  'prebuild-install',
]);

/**
 * Why a package must stay as it is, from how it is installed; `undefined` where nothing speaks against bundling it.
 */
export function nativeReason({ directory, manifest }: InstalledPackage): string | undefined {
  const platform = manifest.optionalDependencies.find((name) => PLATFORM_PACKAGE.test(name));
  if (platform !== undefined) return `it comes in a part per platform (${platform})`;
  const loader = [...manifest.dependencies, ...manifest.optionalDependencies].find((name) => ADDON_LOADERS.has(name));
  if (loader !== undefined) return `it loads a native addon by "${loader}"`;
  if (manifest.native) return 'its package.json names a native addon';
  const sign = ['binding.gyp', 'prebuilds'].find((name) => existsSync(join(directory, name)));
  if (sign !== undefined) return `it has a native addon (${sign})`;
  const addon = readdirSync(directory).find((name) => name.endsWith('.node'));
  return addon === undefined ? undefined : `it has a native addon (${addon})`;
}

const SIGNS: readonly (readonly [RegExp, string])[] = [
  [/\b__(?:dirname|filename)\b/, 'uses __dirname'],
  [/\bimport\.meta\.(?:url|dirname|filename|resolve)\b/, 'uses import.meta.url'],
  [/\brequire\.resolve\(\s*["'`]\./, 'uses require.resolve()'],
  [/\.wasm["'`]/, 'names a WebAssembly file'],
];

/** Comments, and `typeof __filename !== 'undefined' ? __filename : …`, which is prepared for its absence. */
const HARMLESS =
  /\/\*[\s\S]*?\*\/|^\s*\/\/.*$|typeof\s+(__dirname|__filename)\s*(?:!==?\s*["'`]undefined["'`]|<\s*["'`]u["'`])\s*(?:(?:\?|&&)\s*\1)?/gm;

/**
 * Why code cannot leave the folder it lies in, from its text: it looks for files beside itself, which are not there
 * once it is bundled. Errs on the side of leaving a package alone.
 */
export function placeDependence(code: string): string | undefined {
  const bare = code.replace(HARMLESS, '');
  return SIGNS.find(([sign]) => sign.test(bare))?.[1];
}
