import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { readToEnd, withFile } from './file-bytes.ts';
import type { StoreLayout } from './store-layout.ts';

/** How big the store was when it was last swept, and when: milliseconds since the epoch. */
export interface Growth {
  readonly swept: number;
  readonly bytes: number;
}

/**
 * A ledger of one line per sweep or run, so that a build knows the store's size without walking it:
 *
 *     swept 1763848234123 1048576     what the last sweep left
 *     grown 20480                     what a run added since
 *
 * Appending so short a line is one write, which processes do not tear from each other.
 */
export function addGrowth(layout: StoreLayout, bytes: number): void {
  appendFileSync(layout.growth, `grown ${bytes}\n`);
}

/** Starts the ledger again. What another process adds at that moment may be forgotten until the next sweep. */
export function writeGrowth(layout: StoreLayout, { swept, bytes }: Growth): void {
  const temporary = `${layout.temporary}/growth-${randomUUID()}`;
  mkdirSync(layout.temporary, { recursive: true });
  writeFileSync(temporary, `swept ${Math.floor(swept)} ${bytes}\n`);
  renameSync(temporary, layout.growth);
}

/** The store's size as far as the ledger knows; `undefined` when there is none or it cannot be understood. */
export function readGrowth(layout: StoreLayout): Growth | undefined {
  let text: string;
  try {
    // Not `readFileSync(…, 'utf8')`: that ends the process where the system cannot close the file.
    text = withFile(layout.growth, (descriptor, { size }) => readToEnd(descriptor, size)).toString('utf8');
  } catch {
    return undefined;
  }
  const head = /^swept (\d+) (\d+)\n/.exec(text);
  if (head === null) return undefined;
  let bytes = Number(head[2]);
  for (const [, grown] of text.matchAll(/^grown (\d+)$/gm)) bytes += Number(grown);
  return { swept: Number(head[1]), bytes };
}
