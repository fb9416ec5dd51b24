import { isFields } from '../protocol/message.ts';
import type { ListKind } from './catalogue.ts';
import { type ListPages, ReadyResult } from './ready-result.ts';

export interface ListPagesOptions {
  readonly kind: ListKind;
  /** What closes each page's result. */
  readonly tail: string;
  readonly pageSize: number | undefined;
  readonly modern: boolean;
}

/** A list cut into pages, or made fit for the 2025 era, whose clients refuse a whole list for one field they do not know. */
export function listPages(text: string, { kind, tail, pageSize, modern }: ListPagesOptions): ListPages {
  const entries = parseEntries(text).map((entry) => (modern ? entry : forLegacy(entry)));
  const size = pageSize ?? Math.max(1, entries.length);
  const pages = new Map<string | undefined, ReadyResult>();
  for (let start = 0; start === 0 || start < entries.length; start += size) {
    const next = start + size < entries.length ? `,"nextCursor":"${cursorAt(start + size)}"` : '';
    const page = JSON.stringify(entries.slice(start, start + size));
    pages.set(start === 0 ? undefined : cursorAt(start), new ReadyResult(`{"${kind}":${page}${next}${tail}`));
  }
  return pages;
}

function parseEntries(text: string): readonly unknown[] {
  const value: unknown = JSON.parse(text);
  return Array.isArray(value) ? value : [];
}

function cursorAt(start: number): string {
  return Buffer.from(`from:${start}`).toString('base64url');
}

/** Up to 2025-11-25 an output schema describes an object. */
function forLegacy(entry: unknown): unknown {
  if (!isFields(entry)) return entry;
  const { outputSchema, ...rest } = entry;
  return isFields(outputSchema) && outputSchema.type === 'object' ? entry : rest;
}
