import { type Digest, digestOf } from '@mcpgen/build-cache';
import { describe, expect, it } from 'vitest';
import { compareComponents, explainChange } from './explain-change.ts';
import { type FingerprintParts, fingerprint } from './fingerprint.ts';

const parts: FingerprintParts = {
  step: 'describe:echo',
  version: 1,
  generator: '2.4',
  files: { 'tools/echo.ts': digestOf('1') },
  environment: { REGION: digestOf('eu'), TOKEN: 'unset' },
  packages: { zod: '4.1.0' },
  options: { minify: false, schema: 'x'.repeat(200) },
  needs: { 'bundle:tools/echo': digestOf('1') },
};

function explain(change: Partial<FingerprintParts>): string {
  return explainChange(fingerprint(parts).components, fingerprint({ ...parts, ...change }).components);
}

describe('explainChange', () => {
  it.each<[string, Partial<FingerprintParts>]>([
    ['nothing changed', {}],
    ['tools/echo.ts changed', { files: { 'tools/echo.ts': digestOf('2') } }],
    ['tools/a.ts added', { files: { ...parts.files, 'tools/a.ts': digestOf('2') } }],
    ['tools/echo.ts removed', { files: {} }],
    ['environment value REGION changed', { environment: { ...parts.environment, REGION: digestOf('us') } }],
    ['environment value REGION unset', { environment: { ...parts.environment, REGION: 'unset' } }],
    ['environment value TOKEN set', { environment: { ...parts.environment, TOKEN: digestOf('x') } }],
    ['environment value A declared', { environment: { ...parts.environment, A: 'unset' } }],
    ['environment value TOKEN no longer declared', { environment: { REGION: digestOf('eu') } }],
    ['package zod changed from 4.1.0 to 4.2.0', { packages: { zod: '4.2.0' } }],
    ['package left-pad added', { packages: { zod: '4.1.0', 'left-pad': '1.3.0' } }],
    ['option "minify" changed from false to true', { options: { ...parts.options, minify: true } }],
    ['option "schema" changed', { options: { ...parts.options, schema: 'y'.repeat(200) } }],
    ['option "schema" removed', { options: { minify: false } }],
    ['output of bundle:tools/echo changed', { needs: { 'bundle:tools/echo': digestOf('2') } }],
    ['need of runtime added', { needs: { ...parts.needs, runtime: digestOf('2') } }],
    ['mcpgen changed from 2.4 to 2.5', { generator: '2.5' }],
    ["the step's format changed from 1 to 2", { version: 2 }],
  ])('says %s', (sentence, change) => {
    expect(explain(change)).toBe(sentence);
  });

  it('says that there was no build before', () => {
    expect(explainChange(undefined, fingerprint(parts).components)).toBe('first build');
  });

  it('names three changes, the most telling first, and counts the rest', () => {
    const files: Record<string, Digest> = Object.fromEntries(
      ['d', 'c', 'b', 'a'].map((name) => [`${name}.ts`, digestOf(name)]),
    );
    expect(explain({ version: 2, files })).toBe(
      "the step's format changed from 1 to 2, a.ts added, b.ts added and 3 more",
    );
  });

  it('finds a change whenever the key differs', () => {
    const before = fingerprint(parts);
    const after = fingerprint({ ...parts, files: { 'tools/echo.ts': digestOf('2') } });
    expect(compareComponents(before.components, after.components)).toEqual([
      { kind: 'file', name: 'tools/echo.ts', before: digestOf('1').slice(7, 23), after: digestOf('2').slice(7, 23) },
    ]);
  });
});
