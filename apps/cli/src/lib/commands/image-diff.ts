import { diffFiles, diffImages, type FileDifference, type LayerPair } from '@mcpgen/oci';
import type { CliContext } from '../context.ts';
import { differenceText } from '../image/difference-text.ts';
import { type ListFiles, listFiles } from '../image/layer-contents.ts';
import { type OpenImage, openImage } from '../image/open-image.ts';
import { readOnePlatform } from '../image/read-platforms.ts';
import { progressLine } from '../report/progress-line.ts';
import { settle } from '../report/settle.ts';

export interface ImageDiffFlags {
  readonly json: boolean;
  readonly insecure: boolean;
  readonly platform?: string;
}

/** A pair of layers, with what differs within it. */
export type ComparedLayers = LayerPair & { readonly files: readonly FileDifference[] };

/** `mcpgen image diff`: what differs between two images: configuration, and files layer by layer. */
export async function imageDiff(this: CliContext, flags: ImageDiffFlags, before: string, after: string): Promise<void> {
  const progress = progressLine(this.process.stderr, { quiet: flags.json });
  await settle(this, flags.json, async () => {
    try {
      const left = await openImage(this, before, flags);
      const right = await openImage(this, after, flags);
      const [old, now] = [await readOnePlatform(left, flags.platform), await readOnePlatform(right, flags.platform)];
      const { values, layers: pairs } = diffImages(old, now);
      const list = listFiles(progress, this.signal);
      const layers: ComparedLayers[] = [];
      for (const pair of pairs) layers.push({ ...pair, files: await compareFiles(pair, { left, right, list }) });
      progress.close();
      const changed = layers.filter(({ kind }) => kind !== 'same').length;
      const same = changed === 0 && values.length === 0;
      const message = same
        ? 'The images hold the same'
        : `${count(values.length, 'value')} and ${count(changed, 'layer')} differ`;
      const data = { before: left.root.digest, after: right.root.digest, same, values, layers };
      return { code: 'IMAGES_COMPARED', message, data, output: differenceText(message, { values, layers }) };
    } finally {
      progress.close();
    }
  });
}

async function compareFiles(
  pair: LayerPair,
  { left, right, list }: { readonly left: OpenImage; readonly right: OpenImage; readonly list: ListFiles },
): Promise<readonly FileDifference[]> {
  if (pair.kind === 'same') return [];
  const before = 'before' in pair ? await list(left.store, pair.before) : [];
  const after = 'after' in pair ? await list(right.store, pair.after) : [];
  return diffFiles(before, after);
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
