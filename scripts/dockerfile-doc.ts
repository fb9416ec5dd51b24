/**
 * Writes the table of rules into docs/dockerfile.md from the rules themselves: `pnpm dockerfile-doc`. A test holds the page
 * and the rules together.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dockerfileRules } from '../packages/build-optimizer/src/lib/dockerfile/lint/dockerfile-rules.ts';

const START = '<!-- rules: pnpm dockerfile-doc -->';
const END = '<!-- /rules -->';

/** The page with the table of the rules as they are now. */
export function renderRules(page: string): string {
  const [before = '', rest = ''] = page.split(START);
  const [, after = ''] = rest.split(END);
  return `${before}${START}\n\n${rulesTable()}\n\n${END}${after}`;
}

function rulesTable(): string {
  const rows = dockerfileRules.map(({ id, category, severity, title, reason, fix, alike, fixable }) =>
    [
      `\`${id}\``,
      category,
      severity,
      `${title}. ${reason}`,
      `${fix}${fixable ? ' (`--fix`)' : ''}`,
      alike.join(', '),
    ].map((cell) => cell.replaceAll('|', '\\|')),
  );
  const head = ['rule', 'about', 'severity', 'what and why', 'what to do', 'alike'];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

if (import.meta.main) {
  const path = join(import.meta.dirname, '../docs/dockerfile.md');
  writeFileSync(path, renderRules(readFileSync(path, 'utf8')));
}
