import { describe, expect, it } from 'vitest';
import { parseSource } from './source-file.ts';

describe('parseSource', () => {
  it('finds every way to name a module', () => {
    const text = `
      import a from 'a';
      import type { B } from 'b';
      export { c } from './c.ts';
      const d = await import('d');
      const e = require('e');
      const f = import.meta.resolve('f/package.json');
      type G = import('g').G;
      // import 'comment';
      const text = "import 'text'";`;
    expect(parseSource('x.ts', text).imports).toEqual(['a', 'b', './c.ts', 'd', 'e', 'f/package.json', 'g']);
  });

  it('finds what only an application may do, and not a clock handed on as a default', () => {
    const text = `
      const home = process.env.HOME;
      console.log(Date.now(), Math.random(), new Date());
      export function wait({ now = Date.now, at = new Date(0) } = {}) { return now() - at; }`;
    const { effects } = parseSource('x.ts', text);
    expect(effects.map(({ what, line }) => `${what} ${line}`).sort()).toEqual([
      'Date.now() 3',
      'Math.random() 3',
      'console 3',
      'new Date() 3',
      'process.env 2',
    ]);
    expect(effects.map(({ text: expression }) => expression)).toContain('process.env.HOME');
  });

  it('measures files and functions', () => {
    const text = 'export function f() {\n  const g = () => {\n    return 1;\n  };\n  return g;\n}\n';
    const { lines, functions } = parseSource('x.ts', text);
    expect(lines).toBe(6);
    expect(functions).toEqual([
      { name: 'f', line: 1, lines: 6 },
      { name: 'g', line: 2, lines: 3 },
    ]);
  });
});
