import { type HierarchyRectangularNode, hierarchy, treemap as layOut } from 'd3-hierarchy';
import type { SizeRecord } from '../build-record.ts';
import { formatSize } from '../format.ts';
import { html, joinHtml, type SafeHtml } from './html.ts';

/** Parts that are drawn of one thing; the rest is one field. */
const DRAWN = 60;

/** Sizes as areas, and as a list for whoever does not see them. */
export function treemap(size: SizeRecord): SafeHtml {
  const root = hierarchy(sumUp(size), ({ parts }) => parts)
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

/** Of many parts the largest, and the others together. What the parts do not make up is a part of its own. */
function sumUp(size: SizeRecord): SizeRecord {
  const parts = (size.parts ?? []).map(sumUp).sort((a, b) => b.bytes - a.bytes);
  if (parts.length === 0) return { name: size.name, bytes: size.bytes };
  const rest = parts.slice(DRAWN);
  const left = size.bytes - total(parts);
  const others = { name: `${rest.length} others`, bytes: total(rest) };
  const unknown = { name: 'other', bytes: left };
  return {
    ...size,
    parts: [...parts.slice(0, DRAWN), ...(rest.length > 0 ? [others] : []), ...(left > 0 ? [unknown] : [])],
  };
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
