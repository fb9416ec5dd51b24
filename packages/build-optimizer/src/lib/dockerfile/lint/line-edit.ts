import type { DockerInstruction } from './dockerfile-model.ts';
import type { TextEdit } from './dockerfile-rule.ts';

/** Removes an instruction with its lines. */
export function lineEdit(text: string, { start, end }: DockerInstruction): readonly TextEdit[] {
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const newline = text.indexOf('\n', end);
  return [{ start: from, end: newline === -1 ? text.length : newline + 1, text: '' }];
}
