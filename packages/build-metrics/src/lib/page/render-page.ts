import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { deflateRawSync } from 'node:zlib';
import { assignRows } from '../assign-rows.ts';
import type { BuildRecord } from '../build-record.ts';
import { formatMoment, formatTime } from '../format.ts';
import { type BuildSummary, summarise } from '../summarise.ts';
import { html, joinHtml, rawHtml, type SafeHtml } from './html.ts';
import { treemap } from './treemap.ts';

export interface PageOptions {
  /** Earlier builds, oldest first, for the history chart and the changes. */
  readonly history?: readonly BuildRecord[];
  /** Made of the record and the history by default. */
  readonly summary?: BuildSummary;
}

/**
 * One page that explains a build: no file besides, no network. What it says it says without scripts, too; they draw the
 * timeline and the history, and list thousands of steps.
 */
export function renderPage(
  record: BuildRecord,
  { history = [], summary = summarise(record, history) }: PageOptions = {},
): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>Build of ${summary.name}</title>
<style>${rawHtml(asset('uPlot.min.css'))}${rawHtml(asset('page.css'))}</style>
</head>
<body>
<a class="skip" href="#steps">Skip to the steps</a>
<main>
${head(summary)}
${advice(summary)}
<section aria-labelledby="timeline-title">
<h2 id="timeline-title">Timeline by worker</h2>
<p class="note">Outlined: the critical path. Arrow keys go from step to step, + and - zoom, 0 shows all. Drag to zoom.</p>
<div id="timeline" class="chart" tabindex="0" role="application" aria-label="Timeline of ${String(summary.steps.length)} steps" aria-describedby="detail"></div>
<p id="detail" class="detail" aria-live="polite">No step is chosen.</p>
</section>
${criticalPath(summary)}
<section aria-labelledby="history-title"><h2 id="history-title">History</h2>
<div id="history" class="chart" role="img" aria-label="Duration of the last builds; the table below says the same"></div>
${runs(record, history)}</section>
${joinHtml(summary.sizes.map(treemap))}
<section aria-labelledby="steps"><h2 id="steps" tabindex="-1">Steps</h2>
<label>Show only <input id="filter" type="search" placeholder="name, outcome or reason"></label>
<p id="count" aria-live="polite"></p>
<div class="scroll" tabindex="0" role="region" aria-label="Table of steps"><table id="table"><thead><tr><th scope="col">step<th scope="col">time<th scope="col">outcome<th scope="col">slack<th scope="col">waited<th scope="col">saved<th scope="col">why</tr></thead><tbody></tbody></table></div>
<button id="more" type="button" hidden>Show all</button>
<noscript>The table and the charts need scripts; all else is above.</noscript></section>
</main>
<script id="data" type="text/plain">${rawHtml(pack(pageData(record, history, summary)))}</script>
<!-- uPlot: MIT License, Copyright (c) 2022 Leon Sorokin -->
<script>${rawHtml(asset('uPlot.iife.min.js'))}</script>
<script>${rawHtml(asset('page.js'))}</script>
</body>
</html>
`;
  return page.text;
}

function head({ name, outcome, started, duration, outcomes, labels, machine, ...facts }: BuildSummary): SafeHtml {
  const figures = [
    ['critical path', formatTime(facts.criticalPath.duration)],
    ['work of all steps', formatTime(facts.work)],
    ['waited for workers', formatTime(facts.queued)],
    ['saved by caches', formatTime(facts.saved)],
    ['workers busy', `${Math.round(facts.efficiency * 100)} %`],
    ...facts.planned.slice(1).map(({ workers, duration: planned }) => [`on ${workers} workers`, formatTime(planned)]),
  ];
  const { ran, restored, fresh, failed } = outcomes;
  const tiers = facts.tiers.map(({ tier, steps, saved }) => ` · ${steps} from ${tier}, ${formatTime(saved)} saved`);
  const on = [...Object.entries(labels).map(([key, value]) => `${key} ${value}`), machine?.class ?? ''].filter(Boolean);
  return html`<header><h1>${name} <span class="outcome ${outcome}">${outcome}</span> in ${formatTime(duration)}</h1>
<p class="note">${formatMoment(started)} UTC · ${String(facts.concurrency)} workers · ${on.join(' · ')}</p>
<p>${String(ran)} ran, ${String(restored)} restored, ${String(fresh)} fresh, ${String(failed)} failed${tiers.join('')}</p>
<dl>${joinHtml(figures.map(([term = '', value = '']) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`))}</dl></header>`;
}

function advice({ advice: all, changes }: BuildSummary): SafeHtml {
  const told = [
    ...changes.map(
      ({ name, verdict, before, after }) =>
        `${name} became ${verdict}: ${formatTime(before)}, now ${formatTime(after)}`,
    ),
    ...all.map(({ message }) => message),
  ];
  if (told.length === 0) return html``;
  return html`<section aria-label="Advice"><ul class="advice">${joinHtml(told.map((text) => html`<li>${text}</li>`))}</ul></section>`;
}

function criticalPath({ criticalPath: { steps }, steps: all, bottlenecks }: BuildSummary): SafeHtml {
  const times = new Map(all.map((step) => [step.name, step.duration]));
  const items = steps.slice(0, 50).map((name) => html`<li>${name} <b>${formatTime(times.get(name) ?? 0)}</b></li>`);
  const saves = bottlenecks.map(
    ({ name, saves: by }) => html`<tr><th scope="row">${name}</th><td>${formatTime(by)}</td></tr>`,
  );
  return html`<section class="two"><div><h2>Critical path</h2><ol>${joinHtml(items)}</ol></div>
<div><h2>What the build would save without</h2><table><tbody>${joinHtml(saves)}</tbody></table></div></section>`;
}

function runs(record: BuildRecord, history: readonly BuildRecord[]): SafeHtml {
  const rows = builds(record, history)
    .toReversed()
    .slice(0, 20)
    .map(
      (run) =>
        html`<tr><td>${formatMoment(run.started)}</td><td>${formatTime(run.duration)}</td><td>${run.outcome}</td></tr>`,
    );
  return html`<details><summary>As a table</summary><table><thead><tr><th scope="col">began (UTC)<th scope="col">time<th scope="col">outcome</tr></thead><tbody>${joinHtml(rows)}</tbody></table></details>`;
}

function builds(record: BuildRecord, history: readonly BuildRecord[]): readonly BuildRecord[] {
  return [...history.filter(({ id, name }) => id !== record.id && name === record.name), record].slice(-100);
}

/** Columns, so that thousands of steps compress well. */
function pageData(
  record: BuildRecord,
  history: readonly BuildRecord[],
  { steps, sizes: _, ...summary }: BuildSummary,
): unknown {
  const rows = assignRows(record.spans.filter(({ parent }) => parent === undefined));
  const tenths = (value: number): number => Math.round(value * 10) / 10;
  return {
    duration: tenths(summary.duration),
    names: steps.map(({ name }) => name),
    kinds: steps.map(({ kind }) => kind),
    starts: steps.map(({ start }) => tenths(start)),
    times: steps.map(({ duration }) => tenths(duration)),
    rows: [...rows],
    outcomes: steps.map(({ outcome }) => outcome),
    critical: steps.map(({ critical }) => Number(critical)),
    slacks: steps.map(({ slack }) => tenths(slack)),
    queued: steps.map(({ queued = 0 }) => tenths(queued)),
    saved: steps.map(({ saved = 0 }) => tenths(saved)),
    reasons: steps.map(({ reason = '', tier }) => (tier === undefined ? reason : `${reason} (${tier})`)),
    runs: builds(record, history).map(({ started, duration, outcome }) => [started, tenths(duration), outcome]),
  };
}

function pack(data: unknown): string {
  return deflateRawSync(JSON.stringify(data), { level: 9 }).toString('base64');
}

/** Beside this file in the package; the library's own files come from it while the package is not built. */
function asset(name: string): string {
  const isOwn = name.startsWith('page.');
  const isBuilt = import.meta.url.endsWith('.js');
  const path =
    isOwn || isBuilt
      ? new URL(`./${isBuilt ? 'page-assets/' : ''}${name}`, import.meta.url)
      : createRequire(import.meta.url).resolve(`uplot/dist/${name}`);
  return readFileSync(path, 'utf8').replaceAll('</script', '<\\/script');
}
