import { resolve } from 'node:path';
import { verifyImage } from '@mcpgen/oci';
import type { CliContext } from '../context.ts';
import { openRegistryImage } from '../image/open-image.ts';
import { readVerifyKey } from '../image/signing-key.ts';
import { settle } from '../report/settle.ts';

export interface ImageVerifyFlags {
  readonly json: boolean;
  readonly insecure: boolean;
  readonly key: string;
}

/** `mcpgen image verify`: checks that a key signed an image of a registry, and gives the digest that it signed. */
export async function imageVerify(this: CliContext, flags: ImageVerifyFlags, name: string): Promise<void> {
  await settle(this, flags.json, async () => {
    const key = readVerifyKey(resolve(this.directory, flags.key), flags.key);
    const { store, root } = await openRegistryImage(this, name, flags);
    const { statements, signatures } = await verifyImage(store, root.digest, key);
    if (!flags.json) this.process.stderr.write(`Signed by ${flags.key}: ${statements.join(', ')}\n`);
    const message = `${name} is signed by ${flags.key}`;
    return {
      code: 'IMAGE_VERIFIED',
      message,
      data: { name, digest: root.digest, statements, signatures },
      output: root.digest,
    };
  });
}
