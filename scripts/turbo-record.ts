/**
 * Where the time of the repository's own tasks went: `pnpm metrics` after `turbo run … --summarize`, or after `pnpm test`.
 * Adds Turborepo's latest summary to the history in .turbo/metrics, prints it as Markdown and writes .turbo/metrics.html.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readRecords, summarise, toMarkdown, writeRecord } from '../packages/build-metrics/src/index.ts';
import { renderPage } from '../packages/build-metrics/src/page.ts';
import { root } from './run.ts';
import { readTurboSummary } from './turbo-summary.ts';

const { values } = parseArgs({ options: { concurrency: { type: 'string', default: '2' } } });
const [latest] = globSync('.turbo/runs/*.json', { cwd: root }).sort().reverse();
if (latest === undefined) throw new Error('Cannot find a summary in .turbo/runs: run turbo with --summarize first');
const record = readTurboSummary(JSON.parse(readFileSync(join(root, latest), 'utf8')), {
  name: 'repository',
  concurrency: Number(values.concurrency),
});
const directory = join(root, '.turbo/metrics');
await writeRecord(directory, record);
const { records: history } = await readRecords(directory);
writeFileSync(join(root, '.turbo/metrics.html'), renderPage(record, { history }));
console.log(toMarkdown(summarise(record, history)));
