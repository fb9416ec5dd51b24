import { describe, expect, it } from 'vitest';
import { type Manifest, readPackages, readText } from './workspace.ts';

/**
 * Who may depend on whom, and does. A new edge is a reviewed change to this list and to the picture in docs/design.md.
 */
const edges: Readonly<Record<string, readonly string[]>> = {
  '@mcpgen/build-cache': [],
  '@mcpgen/build-metrics': [],
  '@mcpgen/build-optimizer': ['@mcpgen/build-cache', '@mcpgen/cache-invalidation'],
  '@mcpgen/cache-invalidation': ['@mcpgen/build-cache'],
  '@mcpgen/connectors': ['@mcpgen/server-runtime-perf'],
  '@mcpgen/docker': ['@mcpgen/oci'],
  '@mcpgen/generator': [],
  '@mcpgen/oci': [],
  '@mcpgen/server': ['@mcpgen/server-runtime-perf'],
  '@mcpgen/server-runtime-perf': [],
  '@mcpgen/testing': [],
  mcpgen: [
    '@mcpgen/build-cache',
    '@mcpgen/build-metrics',
    '@mcpgen/build-optimizer',
    '@mcpgen/cache-invalidation',
    '@mcpgen/docker',
    '@mcpgen/generator',
    '@mcpgen/oci',
    '@mcpgen/server',
  ],
};

/** Edges that tests and examples may add: everyone may use `testing`, and what is named here. */
const testEdges: Readonly<Record<string, readonly string[]>> = {
  '@mcpgen/build-cache': ['@mcpgen/oci'],
  '@mcpgen/generator': ['@mcpgen/server'],
};

const packages = readPackages();

describe('the dependency graph', () => {
  it('lists every package', () => {
    expect(Object.keys(edges).sort(bytewise)).toEqual(packages.map((member) => member.name).sort(bytewise));
  });

  it.each(packages)('$name depends on what the list says', ({ name, manifest }) => {
    expect(ours(manifest.dependencies)).toEqual(edges[name]);
    expect(ours(manifest.peerDependencies)).toEqual([]);
    expect(ours(manifest.optionalDependencies)).toEqual([]);
  });

  it.each(packages)('$name uses in tests what the list says', ({ name, manifest }) => {
    const allowed = new Set(['@mcpgen/testing', ...(testEdges[name] ?? [])]);
    expect(ours(manifest.devDependencies).filter((other) => !allowed.has(other))).toEqual([]);
  });

  it.each(packages)('$name names its own workspace in the `workspace:` protocol', ({ manifest }) => {
    const wrong = [...internal(manifest.dependencies), ...internal(manifest.devDependencies)].filter(
      ([, range]) => range !== 'workspace:^',
    );
    expect(wrong).toEqual([]);
  });

  it('has no cycle', () => {
    const done = new Set<string>();
    const visit = (name: string, path: readonly string[]): void => {
      if (path.includes(name)) throw new Error(`Cycle: ${[...path, name].join(' → ')}`);
      if (done.has(name)) return;
      for (const next of edges[name] ?? []) visit(next, [...path, name]);
      done.add(name);
    };
    for (const name of Object.keys(edges)) visit(name, []);
  });

  it('is the picture in docs/design.md', () => {
    expect(readPicture()).toEqual(
      Object.fromEntries(Object.entries(edges).filter(([, targets]) => targets.length > 0)),
    );
  });
});

function ours(dependencies: Manifest['dependencies']): readonly string[] {
  return internal(dependencies).map(([name]) => name);
}

function internal(dependencies: Manifest['dependencies']): readonly (readonly [string, string])[] {
  const isOurs = (name: string) => name === 'mcpgen' || name.startsWith('@mcpgen/');
  return Object.entries(dependencies ?? {})
    .filter(([name]) => isOurs(name))
    .sort(([a], [b]) => bytewise(a, b));
}

/** Reads lines such as `docker ──► oci` from the design. */
function readPicture(): Readonly<Record<string, readonly string[]>> {
  const lines = [...readText('docs/design.md').matchAll(/^ {4}([a-z-]+) ──► ([a-z, -]+)$/gm)];
  const fullName = (short: string) => (short === 'cli' ? 'mcpgen' : `@mcpgen/${short}`);
  return Object.fromEntries(
    lines.map(([, from = '', to = '']) => [fullName(from), to.split(', ').map(fullName).sort(bytewise)]),
  );
}

function bytewise(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
