import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What is edited in one tool: the part that runs, or the part that its callers see. */
export type Edit = 'code' | 'schema';

/** A project as an author would write it, of so many tools. */
export interface ProjectFixture extends Disposable {
  readonly directory: string;
  /** Changes one tool, another way each time. */
  edit(part: Edit): void;
  /** Takes away all that builds left. */
  clean(): void;
}

/** Writes a project of small tools with zod schemas, a few shared modules, and its packages linked. */
export function createProject(tools: number): ProjectFixture {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'mcpgen-benchmark-')));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  };
  for (const [path, text] of Object.entries(shared)) write(path, text);
  for (let index = 0; index < tools; index++) write(toolPath(index), toolText(index));
  linkPackages(join(directory, 'node_modules'));
  const edited = Math.floor(tools / 2);
  const edits = { code: 0, schema: 0 };
  return {
    directory,
    edit: (part) => {
      edits[part]++;
      write(toolPath(edited), toolText(edited, edits));
    },
    clean: () => {
      for (const name of ['.cache', 'dist']) rmSync(join(directory, name), { recursive: true, force: true });
    },
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function linkPackages(folder: string): void {
  const own = fileURLToPath(new URL('../node_modules/', import.meta.url));
  mkdirSync(join(folder, '@mcpgen'), { recursive: true });
  for (const name of ['zod', 'mcpgen', '@mcpgen/server'])
    symlinkSync(realpathSync(join(own, name)), join(folder, name));
}

function toolPath(index: number): string {
  return `tools/${subjects[index % subjects.length]}-report-${index}.ts`;
}

const subjects = ['order', 'invoice', 'customer', 'product', 'shipment'];

function toolText(index: number, edits: Readonly<Record<Edit, number>> = { code: 0, schema: 0 }): string {
  const subject = subjects[index % subjects.length];
  return `import { defineTool } from '@mcpgen/server';
import { z } from 'zod';
import { addMoney, formatMoney, type Money } from '../lib/money.ts';
import { paginate } from '../lib/paginate.ts';
import { periodOf, periods } from '../lib/period.ts';

/** Numbers in place of a table: ${subject} ${index}. */
const rows: readonly Money[] = Array.from({ length: 40 }, (_, row) => ({ cents: row * ${index + 1} + ${edits.code}, currency: 'EUR' }));

export default defineTool({
  title: 'Report on ${subject} ${index}',
  description: 'Sums what ${subject} ${index} came to in a period, a page at a time.',
  input: z.object({
    period: z.enum(periods).describe('How far back to look, revision ${edits.schema}'),
    since: z.iso.date().optional().describe('First day of the period'),
    page: z.number().int().min(1).default(1),
    size: z.number().int().min(1).max(100).default(10),
    labels: z.array(z.string().min(1).max(40)).max(10).optional(),
  }),
  output: z.object({ total: z.string(), days: z.number(), rows: z.array(z.string()) }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  handler: ({ period, page, size }) => {
    const shown = paginate(rows, { page, size });
    return { total: formatMoney(addMoney(shown)), days: periodOf(period), rows: shown.map(formatMoney) };
  },
});
`;
}

const shared: Readonly<Record<string, string>> = {
  'package.json': '{ "name": "reports", "version": "1.0.0", "private": true, "type": "module" }\n',
  'tsconfig.json': `{
  "compilerOptions": { "module": "nodenext", "target": "es2024", "strict": true, "noEmit": true, "allowImportingTsExtensions": true },
  "include": ["tools", "lib"]
}
`,
  'mcpgen.config.ts': `import { defineConfig } from 'mcpgen';

export default defineConfig({ name: 'reports', instructions: 'Reports on what was sold.' });
`,
  'lib/money.ts': `/** An amount in the smallest unit of its currency. */
export interface Money {
  readonly cents: number;
  readonly currency: string;
}

export function addMoney(amounts: readonly Money[]): Money {
  return { cents: amounts.reduce((sum, { cents }) => sum + cents, 0), currency: amounts[0]?.currency ?? 'EUR' };
}

export function formatMoney({ cents, currency }: Money): string {
  return \`\${(cents / 100).toFixed(2)} \${currency}\`;
}
`,
  'lib/paginate.ts': `import { clamp } from './clamp.ts';

export function paginate<T>(rows: readonly T[], { page, size }: { page: number; size: number }): readonly T[] {
  const start = clamp((page - 1) * size, 0, rows.length);
  return rows.slice(start, start + size);
}
`,
  'lib/clamp.ts': `export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
`,
  'lib/period.ts': `const days = { day: 1, week: 7, month: 30, quarter: 91, year: 365 } as const;

export type Period = keyof typeof days;

export const periods = Object.keys(days) as [Period, ...Period[]];

export function periodOf(period: Period): number {
  return days[period];
}
`,
};
