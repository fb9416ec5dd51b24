import { describe, it } from 'vitest';
import { expectNone } from './problems.ts';
import { readSource } from './source-file.ts';
import { findSources, readPublicPackages } from './workspace.ts';

/**
 * Libraries never print, never read the environment and never ask for the time or for chance: they are given `onEvent`,
 * `now` and options. These files are edges of the system and may; each says why. `file` or `file: effect`.
 */
const edges: Readonly<Record<string, string>> = {
  'packages/generator/src/lib/describe-worker.js: process.exit':
    'keeps a module that is described from ending the child',
  'packages/generator/src/lib/describe-worker.js: process.env':
    'its own, made for the child; notes what a module looks for there in vain',
  'packages/generator/src/lib/static-default.ts: process.env': 'watches whether a default reads the environment',
  'packages/server/src/lib/main.ts': 'the start of a built server: its command line, environment and exit code',
  'packages/server/src/lib/protocol/report-event.ts: process.stderr': 'what a built server tells its operator',
  'packages/server-runtime-perf/src/lib/tool-worker.js': 'keeps what tools print off stdout, which may be the protocol',
};

/** Replaced by a constant when the package is built. */
const buildConstants = ['process.env.MCPGEN_PACKAGE_VERSION'];

const libraries = readPublicPackages().filter((member) => member.name !== 'mcpgen');
const effects = libraries.flatMap((member) => findSources(member).flatMap(effectsOf));

describe('libraries', () => {
  it.each(libraries)('$name prints nothing and takes time, chance and settings as options', (member) => {
    const forbidden = effects.filter(
      (effect) => effect.path.startsWith(`${member.directory}/`) && !isAllowed(effect.path, effect.what),
    );
    expectNone(forbidden.map(({ path, line, what }) => `${path}:${line} uses ${what}: take it as an option`));
  });

  it('have no exception that is not used', () => {
    const isUsed = (edge: string) => effects.some(({ path, what }) => edge === path || edge === `${path}: ${what}`);
    expectNone(Object.keys(edges).filter((edge) => !isUsed(edge)));
  });
});

function effectsOf(path: string): readonly { path: string; line: number; what: string }[] {
  return readSource(path)
    .effects.filter(({ text }) => !buildConstants.some((constant) => text.startsWith(constant)))
    .map(({ line, what }) => ({ path, line, what }));
}

function isAllowed(path: string, what: string): boolean {
  return edges[path] !== undefined || edges[`${path}: ${what}`] !== undefined;
}
