import type { CliContext } from '../context.ts';
import { platformText } from '../image/read-platforms.ts';
import { type RebaseResult, rebase } from '../image/rebase-image.ts';
import type { Done } from '../report/envelope.ts';
import { formatBytes } from '../report/format.ts';
import { progressLine } from '../report/progress-line.ts';
import { settle } from '../report/settle.ts';

export interface ImageRebaseFlags {
  readonly json: boolean;
  readonly insecure: boolean;
  readonly base?: string;
  readonly oldBase?: string;
  readonly tag?: string;
}

/** `mcpgen image rebase`: puts an image on another base by its manifest alone. */
export async function imageRebase(this: CliContext, flags: ImageRebaseFlags, name: string): Promise<void> {
  const { base, oldBase, tag, insecure } = flags;
  const progress = progressLine(this.process.stderr, { quiet: flags.json });
  await settle(this, flags.json, async () => {
    try {
      const result = await rebase(this, { name, base, oldBase, tag, insecure, progress });
      progress.close();
      if (!flags.json) this.process.stderr.write(`${summary(result)}\n`);
      return done(name, result);
    } finally {
      progress.close();
    }
  });
}

function done(name: string, result: RebaseResult): Done {
  const { target, before, after, images, copied } = result;
  const bases = images.map(({ image, from, to }) => ({ platform: platformText(image), from, to }));
  const same = before.digest === after.digest;
  return {
    code: same ? 'IMAGE_CURRENT' : 'IMAGE_REBASED',
    message: same ? `${name} is on that base already` : `Rebased ${name}`,
    data: { name, target, before: before.digest, digest: after.digest, bases, ...copied },
    output: after.digest,
  };
}

function summary({ target, before, after, images, copied }: RebaseResult): string {
  if (before.digest === after.digest) return 'on that base already';
  const bases = images.map(({ image, from, to }) => `${platformText(image)} from ${short(from)} to ${short(to)}`);
  const sent = `${copied.copied} sent (${formatBytes(copied.bytes)}), ${copied.mounted + copied.present} there already`;
  return [...bases, `${target}: ${sent}`].join('\n');
}

function short({ name, digest }: { readonly name: string; readonly digest: string }): string {
  return `${name}@${digest.slice(0, 19)}`;
}
