import { byteSize, sizeProblem } from '../config/size.ts';
import type { CliContext } from '../context.ts';
import { usageError } from '../errors.ts';
import { formatBytes } from '../report/format.ts';
import { settle } from '../report/settle.ts';
import { openProjectCache, type ProjectCacheFlags } from './open-project-cache.ts';

export interface CachePruneFlags extends ProjectCacheFlags {
  /** Such as `500MB`. */
  readonly maxSize?: string;
  /** Such as `7d`. */
  readonly unusedFor?: string;
}

/** `mcpgen cache prune`: evicts what is old or too much, and removes what no entry needs. */
export async function cachePrune(this: CliContext, flags: CachePruneFlags, project = '.'): Promise<void> {
  await settle(this, flags.json, async () => {
    const limits = {
      ...(flags.maxSize === undefined ? {} : { maxBytes: parseSize(flags.maxSize) }),
      ...(flags.unusedFor === undefined ? {} : { retention: parseAge(flags.unusedFor) }),
    };
    const { cache, directory } = await openProjectCache(this, flags, project);
    const report = await cache.prune(limits);
    const message = `${report.evicted} entries and ${report.unused} unused files removed, ${formatBytes(report.freedBytes)} freed; ${report.kept} entries kept, ${formatBytes(report.keptBytes)}`;
    return { code: 'CACHE_PRUNED', message, data: { directory, ...report }, output: message };
  });
}

/** Bytes; decimal, as container tools count. */
export function parseSize(text: string): number {
  if (sizeProblem(text) === undefined) return byteSize(text);
  throw usageError(`Cannot keep "${text}": expected a size`, 'Write it like --max-size 500MB, or in bytes');
}

const AGES: ReadonlyMap<string, number> = new Map([
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 7 * 86_400_000],
]);

/** Milliseconds. */
export function parseAge(text: string): number {
  const age = parseAmount(text, AGES);
  if (age === undefined) {
    throw usageError(`Cannot evict what was unused for "${text}": expected a time`, 'Write it like --unused-for 7d');
  }
  return age;
}

function parseAmount(text: string, units: ReadonlyMap<string, number>): number | undefined {
  const match = /^(?<amount>\d{1,12}(?:\.\d{1,6})?) ?(?<unit>[A-Za-z]*)$/.exec(text);
  const unit = units.get(match?.groups?.unit ?? '-');
  return unit === undefined ? undefined : Math.round(Number(match?.groups?.amount) * unit);
}
