import { buildCommand, buildRouteMap } from '@stricli/core';
import { json, text } from './command-parameters.ts';
import type { ImageDiffFlags } from './commands/image-diff.ts';
import type { ImageInspectFlags } from './commands/image-inspect.ts';
import type { ImageRebaseFlags } from './commands/image-rebase.ts';
import type { ImageValidateFlags } from './commands/image-validate.ts';
import type { ImageVerifyFlags } from './commands/image-verify.ts';
import type { CliContext } from './context.ts';

const insecure = {
  kind: 'boolean',
  brief: 'Reach registries over plain HTTP',
  default: false,
  withNegated: false,
} as const;

const platform = {
  kind: 'parsed',
  parse: text,
  brief: 'Of an image for several: which one, such as linux/arm64',
  placeholder: 'platform',
  optional: true,
} as const;

const image = (brief: string) => ({ brief, placeholder: 'image', parse: text }) as const;

/** The image that a build makes is the one that people mean where they say none. */
const built = {
  kind: 'tuple',
  parameters: [{ ...image('A reference, a layout directory or a tar file; default dist/image'), optional: true }],
} as const;

const reference = (brief: string) =>
  ({ kind: 'parsed', parse: text, brief, placeholder: 'reference', optional: true }) as const;

const inspect = buildCommand<ImageInspectFlags, [image?: string], CliContext>({
  loader: async () => (await import('./commands/image-inspect.ts')).imageInspect,
  docs: { brief: 'Show configuration, layers, labels, annotations and referrers' },
  parameters: {
    positional: built,
    flags: {
      json,
      insecure,
      platform,
      files: {
        kind: 'boolean',
        brief: 'List all files of each layer; --no-files reads no layer',
        optional: true,
      },
    },
  },
});

const diff = buildCommand<ImageDiffFlags, [before: string, after: string], CliContext>({
  loader: async () => (await import('./commands/image-diff.ts')).imageDiff,
  docs: { brief: 'Show what differs between two images, down to the file' },
  parameters: {
    positional: { kind: 'tuple', parameters: [image('The image before'), image('The image after')] },
    flags: { json, insecure, platform },
  },
});

const validate = buildCommand<ImageValidateFlags, [image?: string], CliContext>({
  loader: async () => (await import('./commands/image-validate.ts')).imageValidate,
  docs: { brief: 'Read all of an image and say what does not hold' },
  parameters: { positional: built, flags: { json, insecure } },
});

const rebase = buildCommand<ImageRebaseFlags, [image: string], CliContext>({
  loader: async () => (await import('./commands/image-rebase.ts')).imageRebase,
  docs: {
    brief: 'Put an image on a newer base without building it',
    fullDescription:
      'Swaps the base of an image in its manifest alone: the layers above stay as they are. Refused where the new base has another platform, C library or major version of Node.',
  },
  parameters: {
    positional: { kind: 'tuple', parameters: [image('A reference or a layout directory')] },
    flags: {
      json,
      insecure,
      base: reference('New base, default the old one by its tag'),
      oldBase: reference('Old base, default what the image says'),
      tag: reference('What to call the result, default as the image is called'),
    },
  },
});

const verify = buildCommand<ImageVerifyFlags, [image: string], CliContext>({
  loader: async () => (await import('./commands/image-verify.ts')).imageVerify,
  docs: {
    brief: 'Check that a key signed an image, and print the digest that it signed',
    fullDescription:
      'Checks the signatures of an image in a registry by a public key, as cosign verify --key does. Exit code 1 where the key signed nothing.',
  },
  parameters: {
    positional: { kind: 'tuple', parameters: [image('A reference')] },
    flags: {
      json,
      insecure,
      key: { kind: 'parsed', parse: text, brief: 'Public key, such as cosign.pub', placeholder: 'file' },
    },
  },
});

/** The commands below `mcpgen image`. */
export const imageRoutes = buildRouteMap({
  routes: { inspect, diff, validate, rebase, verify },
  docs: { brief: 'Look into images, compare, check, rebase and verify them' },
});
