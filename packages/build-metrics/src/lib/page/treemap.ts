import { type HierarchyRectangularNode, hierarchy, treemap as layOut } from 'd3-hierarchy';
import type { SizeRecord } from '../build-record.ts';
import { formatSize } from '../format.ts';
import { html, joinHtml, type SafeHtml } from './html.ts';

/** Parts that are drawn of one thing; the rest is one field. */
const DRAWN = 60;
/** Fields that are drawn in all: more could not be told apart, and each is 300 bytes of the page. */
const FIELDS = 70;

/** Sizes as areas, and as a list for whoever does not see them. */
export function treemap(size: SizeRecord): SafeHtml {
  const root = hierarchy(sumUp(size, opened(size)), ({ parts }) => parts)
    .sum(({ bytes, parts = [] }) => (parts.length === 0 ? bytes : 0))
    .sort((a, b) => (b.value ?? 0) - (a.value ?? 0));
  const laid = layOut<SizeRecord>().size([100, 100]).paddingInner(0.3)(root);
  const fields = laid.leaves().map((leaf, at) => field(leaf, at));
  const rows = laid
    .leaves()
    .map((leaf) => html`<tr><th scope="row">${pathOf(leaf)}</th><td>${formatSize(leaf.value ?? 0)}</td></tr>`);
  return html`<section><h2>${size.name}: ${formatSize(size.bytes)}</h2>
<div class="treemap" aria-hidden="true">${joinHtml(fields)}</div>
<details><summary>As a table</summary><div class="scroll" tabindex="0" role="region" aria-label="Sizes of ${size.name}"><table><tbody>${joinHtml(rows)}</tbody></table></div></details></section>`;
}

function field(leaf: HierarchyRectangularNode<SizeRecord>, at: number): SafeHtml {
  const { x0, x1, y0, y1 } = leaf;
  const place = `left:${x0.toFixed(2)}%;top:${y0.toFixed(2)}%;width:${(x1 - x0).toFixed(2)}%;height:${(y1 - y0).toFixed(2)}%`;
  const label = `${pathOf(leaf)} ${formatSize(leaf.value ?? 0)}`;
  return html`<div class="c${String(at % 6)}" style="${place}" title="${label}"><span>${label}</span></div>`;
}

/** What is drawn by its parts: the largest first, until there are fields enough. */
function opened(size: SizeRecord): ReadonlySet<SizeRecord> {
  const open = new Set<SizeRecord>();
  let waiting = [size];
  for (let fields = 1; fields < FIELDS; ) {
    const largest = waiting.reduce<SizeRecord | undefined>((best, each) => {
      return (each.parts ?? []).length > 0 && each.bytes > (best?.bytes ?? -1) ? each : best;
    }, undefined);
    if (largest === undefined) break;
    const { parts = [] } = largest;
    open.add(largest);
    fields += Math.min(parts.length, DRAWN);
    waiting = [...waiting.filter((each) => each !== largest), ...parts];
  }
  return open;
}

/** Of many parts the largest, and the others together. What the parts do not make up is a part of its own. */
function sumUp(size: SizeRecord, open: ReadonlySet<SizeRecord>): SizeRecord {
  if (!open.has(size)) return { name: size.name, bytes: size.bytes };
  const all = (size.parts ?? []).toSorted((a, b) => b.bytes - a.bytes);
  const parts = all.slice(0, DRAWN).map((part) => sumUp(part, open));
  const rest = all.slice(DRAWN);
  const left = size.bytes - total(all);
  const others = { name: `${rest.length} others`, bytes: total(rest) };
  const unknown = { name: 'other', bytes: left };
  return { ...size, parts: [...parts, ...(rest.length > 0 ? [others] : []), ...(left > 0 ? [unknown] : [])] };
}

function total(sizes: readonly SizeRecord[]): number {
  return sizes.reduce((sum, { bytes }) => sum + bytes, 0);
}

function pathOf(leaf: HierarchyRectangularNode<SizeRecord>): string {
  return leaf
    .ancestors()
    .toReversed()
    .slice(1)
    .map(({ data }) => data.name)
    .join(' / ');
}
