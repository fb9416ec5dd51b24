import { readFileSync } from 'node:fs';
import * as generator from '@mcpgen/generator';
import * as api from '@mcpgen/generator/api';
import { describe, expect, it } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

describe('@mcpgen/generator', () => {
  it('exports what it says and nothing else', () => {
    expect(Object.keys(generator).sort()).toEqual([
      'GeneratorError',
      'compileValidator',
      'createDescriber',
      'discoverProject',
      'listTemplates',
      'renderServer',
      'scaffold',
    ]);
    expect(Object.keys(api).sort()).toEqual([
      'adviseVersion',
      'compareApis',
      'compareSchemas',
      'describeApi',
      'encodeApi',
      'listedApi',
      'parseApi',
    ]);
  });

  it('lists every error code in its README, and none that is gone', () => {
    const union = /type GeneratorErrorCode =(?<codes>[^;]*);/.exec(read('src/lib/errors.ts'))?.groups?.codes ?? '';
    const codes = [...union.matchAll(/'(\w+)'/g)].map(([, code]) => code);
    const listed = [...read('README.md').matchAll(/^\| `([A-Z_]+)`/gm)].map(([, code]) => code);
    expect(codes.length).toBeGreaterThan(10);
    expect(listed.sort()).toEqual(codes.sort());
  });

  it('publishes the files that it reads', () => {
    const { files }: { files: string[] } = JSON.parse(read('package.json'));
    expect(files).toEqual(expect.arrayContaining(['dist', 'runtime', 'templates']));
    expect(generator.listTemplates().map(({ name }) => name)).toEqual(['basic', 'http', 'sql']);
  });

  it('refuses with errors that tell what to do', () => {
    expect(() => generator.discoverProject('/nowhere/at/all')).toThrow(generator.GeneratorError);
  });
});
