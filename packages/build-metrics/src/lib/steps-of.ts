import type { BuildRecord, SpanRecord } from './build-record.ts';

/** The spans that are steps: those that are not a part of another. */
export function stepsOf(record: Pick<BuildRecord, 'spans'>): readonly SpanRecord[] {
  return record.spans.filter(({ parent }) => parent === undefined);
}
