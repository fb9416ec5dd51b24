import { styleText } from 'node:util';
import type { Output } from '../context.ts';

type Format = Parameters<typeof styleText>[0];

/** Colours a text if the stream shows colours. */
export function paint(output: Pick<Output, 'color'>, format: Format, text: string): string {
  return output.color ? styleText(format, text, { validateStream: false }) : text;
}
