import { resolve } from 'node:path';
import { usageError } from '../errors.ts';
import { defined } from './defined.ts';
import type { Builder } from './docker/docker-builder.ts';
import type { BuildFlags } from './settings.ts';

/** Where the image goes besides its layout. */
export interface TargetSettings {
  readonly tar?: string;
  readonly push?: string;
  readonly load?: string;
  /** Sign what is pushed, by the key in the environment. */
  readonly sign?: true;
}

/** Reads from the flags where the image goes. Throws a usage error for what does not go together. */
export function targetSettings(flags: BuildFlags, cwd: string, builder: Builder): TargetSettings {
  const targets = defined({
    tar: flags.tar === undefined ? undefined : resolve(cwd, flags.tar),
    push: flags.push,
    load: flags.load,
    sign: flags.sign === true ? (true as const) : undefined,
  });
  if (flags.sign === true && flags.push === undefined) {
    throw usageError(
      'Cannot sign an image that stays here: its signature lies in a registry',
      'Say where, with --push',
    );
  }
  if (builder !== 'daemonless' && flags.sign === true) {
    throw usageError('Cannot sign an image that Docker builds', 'Leave --builder or --sign out');
  }
  if (flags.tar?.trim() === '-') {
    throw usageError('Cannot write the image to "-": expected a file', 'Name a file, such as --tar image.tar');
  }
  if (builder !== 'daemonless' && flags.tar !== undefined) {
    throw usageError(
      'Cannot write a tar file of an image that Docker builds',
      'Leave --builder out, or use `docker save`',
    );
  }
  if (flags.image === false && Object.keys(targets).length > 0) {
    throw usageError(
      'Cannot send an image anywhere with --no-image',
      'Leave --no-image out, or --tar, --push and --load',
    );
  }
  return targets;
}
