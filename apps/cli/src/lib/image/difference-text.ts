import type { FileDifference, ValueDifference } from '@mcpgen/oci';
import type { ComparedLayers } from '../commands/image-diff.ts';
import { cleanText } from '../report/clean-text.ts';
import { formatBytes } from '../report/format.ts';
import { layerTitle } from './layer-contents.ts';

/** What differs between two images, for people. */
export function differenceText(
  message: string,
  { values, layers }: { readonly values: readonly ValueDifference[]; readonly layers: readonly ComparedLayers[] },
): string {
  const lines = [
    ...values.flatMap(valueLines),
    ...(values.length > 0 && layers.length > 0 ? [''] : []),
    ...layers.flatMap(layerLines),
    '',
    message,
  ];
  return lines.map(cleanText).join('\n');
}

function valueLines(difference: ValueDifference): readonly string[] {
  const { name } = difference;
  return [
    ...('before' in difference ? [`- ${name} ${shown(difference.before)}`] : []),
    ...('after' in difference ? [`+ ${name} ${shown(difference.after)}`] : []),
  ];
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function layerLines(pair: ComparedLayers): readonly string[] {
  const layer = 'after' in pair ? pair.after : pair.before;
  const sizes =
    pair.kind === 'changed'
      ? `${formatBytes(pair.before.size)} -> ${formatBytes(pair.after.size)}`
      : formatBytes(layer.size);
  const mark = { same: '=', changed: '~', added: '+', removed: '-' }[pair.kind];
  return [`${mark} layer ${layerTitle(layer)} (${sizes})`, ...pair.files.map(fileLine)];
}

function fileLine({ kind, path, aspects, before, after }: FileDifference): string {
  switch (kind) {
    case 'added':
      return `    + ${path} (${formatBytes(after)})`;
    case 'removed':
      return `    - ${path} (${formatBytes(before)})`;
    case 'changed': {
      const sizes = before === after ? '' : `, ${formatBytes(before)} -> ${formatBytes(after)}`;
      return `    ~ ${path} (${aspects.join(', ')}${sizes})`;
    }
    default:
      return kind satisfies never;
  }
}
