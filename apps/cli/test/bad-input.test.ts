import { describe, expect, it } from 'vitest';
import { cliRig, ECHO } from './cli-rig.ts';

interface BadInput {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly exit: number;
  readonly code: string;
  /** Parts of the sentence: what is wrong and where. */
  readonly says: readonly (string | RegExp)[];
}

const TOOL = (body: string): string =>
  `import { defineTool } from '@mcpgen/server';\nimport { z } from 'zod';\n${body}\n`;

const CASES: readonly BadInput[] = [
  { name: 'an empty directory', files: {}, exit: 2, code: 'PROJECT_EMPTY', says: ['nothing'] },
  {
    name: 'a tool without a default export',
    files: { 'tools/a.ts': 'export const x = 1;' },
    exit: 1,
    code: 'DEFINITION_MISSING',
    says: ['tools/a.ts', 'default'],
  },
  {
    name: 'two files of one name',
    files: { 'tools/a.ts': ECHO, 'tools/a.js': 'export default {}' },
    exit: 1,
    code: 'NAME_TAKEN',
    says: ['tools/a.ts', 'tools/a.js'],
  },
  {
    name: 'two tools that call themselves the same',
    files: {
      'tools/a.ts': ECHO,
      'tools/b.ts': TOOL(`export default defineTool({ name: 'a', input: z.object({}), handler: () => 1 });`),
    },
    exit: 1,
    code: 'NAME_TAKEN',
    says: ['tools/a.ts', 'tools/b.ts'],
  },
  {
    name: 'a schema that cannot be described',
    files: {
      'tools/a.ts': TOOL(`export default defineTool({ input: z.object({ when: z.date() }), handler: () => 1 });`),
    },
    exit: 1,
    code: 'SCHEMA_INVALID',
    says: ['tools/a.ts', /date/i],
  },
  {
    name: 'a tool that throws when it is loaded',
    files: { 'tools/a.ts': `const x = 1;\nthrow new Error('no database');\nexport default {};` },
    exit: 1,
    code: 'MODULE_FAILED',
    says: ['tools/a.ts', 'no database'],
  },
  {
    name: 'a syntax error',
    files: { 'tools/a.ts': 'export default {\n  handler: (((\n};' },
    exit: 1,
    code: 'SYNTAX_ERROR',
    says: [/tools\/a\.ts:\d+:\d+/],
  },
  {
    name: 'an import of a missing connector',
    files: { 'tools/a.ts': `import db from '../connectors/db.ts';\n${ECHO}console.log(db);` },
    exit: 1,
    code: 'IMPORT_NOT_FOUND',
    says: ['../connectors/db.ts', /tools\/a\.ts:1:\d+/],
  },
  {
    name: 'the name of a missing connector',
    files: {
      'tools/a.ts': TOOL(`export default defineTool({ connectors: ['db'], input: z.object({}), handler: () => 1 });`),
    },
    exit: 1,
    code: 'CONNECTOR_MISSING',
    says: ['"db"', 'Tool "a"'],
  },
  {
    name: 'a configuration with a wrong field',
    files: { 'tools/a.ts': ECHO, 'mcpgen.config.ts': `export default { server: { bodyLimit: 'big' } };` },
    exit: 2,
    code: 'CONFIG_INVALID',
    says: ['mcpgen.config.ts', 'server.bodyLimit'],
  },
  {
    name: 'a configuration with an unknown field',
    files: { 'tools/a.ts': ECHO, 'mcpgen.config.json': '{"servr":{}}' },
    exit: 2,
    code: 'CONFIG_INVALID',
    says: ['servr'],
  },
  {
    name: 'a configuration that throws',
    files: { 'tools/a.ts': ECHO, 'mcpgen.config.js': `throw new Error('sorry');` },
    exit: 2,
    code: 'CONFIG_UNREADABLE',
    says: ['mcpgen.config.js', 'sorry'],
  },
  {
    name: 'a package that is not installed',
    files: { 'tools/a.ts': `import x from 'no-such-package';\n${ECHO}console.log(x);` },
    exit: 1,
    code: 'PACKAGE_NOT_FOUND',
    says: ['no-such-package', 'tools/a.ts'],
  },
];

describe('mcpgen build with bad input', () => {
  it.each(CASES)('says in one sentence what is wrong with $name', async ({ files, exit, code, says }) => {
    await using rig = await cliRig(files);
    const ran = await rig.run(['build', '--json', '--no-image']);
    const envelope = ran.json();
    expect(envelope, ran.stderr).toMatchObject({ status: 'error', code });
    for (const part of says)
      expect(envelope.message).toMatch(
        typeof part === 'string' ? new RegExp(part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')) : part,
      );
    expect(envelope.message).not.toMatch(/node:internal|\n\s+at /);
    expect(ran.code).toBe(exit);
  });
});
