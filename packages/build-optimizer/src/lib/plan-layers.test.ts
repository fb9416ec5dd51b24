import { describe, expect, it } from 'vitest';
import { planLayers } from './plan-layers.ts';

const server = [
  'main.js',
  'manifest.json',
  'package.json',
  'lists/tools.json',
  'modules/tools/echo.js',
  'modules/deps/echo.js',
  'validators/echo.js',
  'runtime/http.js',
  'deps/zod.js',
  'node_modules/better-sqlite3/build/better_sqlite3.node',
].map((path) => ({ path }));

describe('planLayers', () => {
  it('keeps apart what changes with packages and what changes with every edit', () => {
    const plan = planLayers(server);
    expect(plan.dependencies.map(({ path }) => path)).toEqual([
      'deps/zod.js',
      'node_modules/better-sqlite3/build/better_sqlite3.node',
      'runtime/http.js',
    ]);
    expect(plan.application.map(({ path }) => path)).toEqual([
      'lists/tools.json',
      'main.js',
      'manifest.json',
      'modules/deps/echo.js',
      'modules/tools/echo.js',
      'package.json',
      'validators/echo.js',
    ]);
  });

  it('is the same in whatever order the files come', () => {
    expect(planLayers(server.toReversed())).toEqual(planLayers(server));
  });

  it('hands the files back as they came, with all that is known of them', () => {
    const file = { path: 'deps/zod.js', digest: 'sha256:00' };
    expect(planLayers([file]).dependencies[0]).toBe(file);
  });

  it('sorts bytewise', () => {
    const plan = planLayers(['b.js', 'B.js', 'a.js', 'é.js'].map((path) => ({ path })));
    expect(plan.application.map(({ path }) => path)).toEqual(['B.js', 'a.js', 'b.js', 'é.js']);
  });

  it("counts a file of a folder's name as the application's", () => {
    expect(planLayers([{ path: 'deps' }]).application).toEqual([{ path: 'deps' }]);
  });
});
