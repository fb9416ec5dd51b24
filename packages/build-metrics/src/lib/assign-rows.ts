import type { SpanRecord } from './build-record.ts';

/**
 * Which worker's row each span is drawn in, by position, from 1: the first that is free when a step begins. A part goes to
 * its parent's row while it lies inside.
 */
export function assignRows(spans: readonly SpanRecord[]): Int32Array {
  const rows = new Int32Array(spans.length);
  const open: number[][] = [];
  const inOrder = [...spans.keys()].sort(
    (a, b) => startAt(spans, a) - startAt(spans, b) || endAt(spans, b) - endAt(spans, a),
  );
  for (const position of inOrder) {
    const parent = spans[position]?.parent;
    const home = parent === undefined ? undefined : open[(rows[parent] ?? 0) - 1];
    for (const row of open) while (row.length > 0 && endAt(spans, row.at(-1)) <= startAt(spans, position)) row.pop();
    const nested = home?.at(-1) === parent && endAt(spans, position) <= endAt(spans, parent);
    const free = nested && home !== undefined ? open.indexOf(home) : open.findIndex((row) => row.length === 0);
    const row = free < 0 ? open.push([]) - 1 : free;
    open[row]?.push(position);
    rows[position] = row + 1;
  }
  return rows;
}

function startAt(spans: readonly SpanRecord[], position: number): number {
  return spans[position]?.start ?? 0;
}

function endAt(spans: readonly SpanRecord[], position: number | undefined): number {
  return (position === undefined ? undefined : spans[position]?.end) ?? 0;
}
