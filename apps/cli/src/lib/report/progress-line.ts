import type { Output } from '../context.ts';
import { paint } from './style.ts';

/** One line on a terminal that says what goes on, replaced as it goes on. */
export interface ProgressLine {
  show(text: string): void;
  /** Takes the line away. */
  close(): void;
}

/** Milliseconds between two drawings: a terminal shows no more. */
const INTERVAL = 50;

/** Shows nothing where nobody looks: in a pipe, or where `quiet`. */
export function progressLine(output: Output, { quiet }: { readonly quiet: boolean }): ProgressLine {
  if (quiet || !output.terminal) return { show: () => undefined, close: () => undefined };
  let drawn = Number.NEGATIVE_INFINITY;
  return {
    show: (text) => {
      if (performance.now() - drawn < INTERVAL) return;
      drawn = performance.now();
      output.write(`\r\u001b[K${paint(output, 'dim', text.slice(0, Math.max(10, output.columns - 1)))}`);
    },
    close: () => output.write('\r\u001b[K'),
  };
}
