import { type ImageProblem, validateImage } from '@mcpgen/oci';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import { watched } from '../image/layer-contents.ts';
import { openImage } from '../image/open-image.ts';
import { cleanText } from '../report/clean-text.ts';
import type { Done } from '../report/envelope.ts';
import { progressLine } from '../report/progress-line.ts';
import { settle } from '../report/settle.ts';

export interface ImageValidateFlags {
  readonly json: boolean;
  readonly insecure: boolean;
}

/** `mcpgen image validate`: reads all of an image and what speaks of it, and says what does not hold. */
export async function imageValidate(this: CliContext, flags: ImageValidateFlags, name = 'dist/image'): Promise<void> {
  const progress = progressLine(this.process.stderr, { quiet: flags.json });
  await settle(this, flags.json, async () => {
    try {
      const { store, root } = await openImage(this, name, flags);
      const reader = watched(store, { progress, signal: this.signal });
      const problems = [...(await validateImage(reader, root))];
      for (const referrer of await store.referrers(root.digest))
        problems.push(...(await validateImage(reader, referrer)));
      this.signal.throwIfAborted();
      progress.close();
      return verdict(name, root.digest, problems);
    } finally {
      progress.close();
    }
  });
}

function verdict(name: string, digest: string, problems: readonly ImageProblem[]): Done {
  const data = { name, digest, problems };
  if (problems.length === 0) {
    const message = `All of ${name} holds: ${digest}`;
    return { code: 'IMAGE_VALID', message, data, output: message };
  }
  const message = `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'} in ${name}`;
  const lines = problems.map(({ digest: where, problem }) => cleanText(`${where}: ${problem}`));
  const output = [...lines, '', message].join('\n');
  return { code: 'IMAGE_INVALID', message, data, output, exitCode: exitCodes.failed };
}
