import { copiedPaths } from './copied-paths.ts';
import {
  type DockerfileModel,
  type DockerInstruction,
  finalInstructions,
  finalStage,
  flagValue,
  stageChain,
} from './dockerfile-model.ts';
import type { DockerfileRule, Problem } from './dockerfile-rule.ts';
import { runsOf, sourceOf } from './package-commands.ts';
import { isSecretFile, isSecretName, isSecretValue } from './secret-names.ts';

const baseLatest: DockerfileRule = {
  id: 'base-latest',
  category: 'safety',
  severity: 'warning',
  title: 'The base has no version',
  reason: 'Without a tag, or with latest, the next build may be on another system and another version of Node.',
  fix: 'Name a version, such as node:24-slim.',
  alike: ['DL3006', 'DL3007'],
  fixable: false,
  check: (model) =>
    bases(model).flatMap(({ from, image }) => {
      const tag = tagOf(image);
      if (image.includes('@') || (tag !== undefined && tag !== 'latest')) return [];
      return [{ at: from, message: `"${image}" is whatever the registry calls latest on the day of the build` }];
    }),
};

const basePinned: DockerfileRule = {
  id: 'base-not-pinned',
  category: 'safety',
  severity: 'info',
  title: 'The base is a tag, not a digest',
  reason: 'A tag can be moved: two builds of the same file may differ, and nobody sees what came in.',
  fix: 'Add the digest: node:24-slim@sha256:…, and let a bot such as Renovate update it.',
  alike: [],
  fixable: false,
  check: (model) =>
    bases(model)
      .filter(({ image }) => !image.includes('@') && ![undefined, 'latest'].includes(tagOf(image)))
      .map(({ from, image }) => ({ at: from, message: `"${image}" can become another image without a change here` })),
};

/** Stages on images by name: not on other stages, scratch, or what a build argument will say. */
function bases({ stages }: DockerfileModel) {
  return stages.filter(
    ({ parent, image }) =>
      parent === undefined && image !== '' && image.toLowerCase() !== 'scratch' && !image.includes('$'),
  );
}

function tagOf(image: string): string | undefined {
  const name = image.slice(image.lastIndexOf('/') + 1).split('@')[0] ?? '';
  return name.includes(':') ? name.slice(name.indexOf(':') + 1) : undefined;
}

/** Images that say themselves that they run as somebody else. */
const UNPRIVILEGED = /nonroot|rootless|unprivileged|(^|\/)(chainguard|bitnami)\/|cgr\.dev\/|dhi\.io\//;

const runsAsRoot: DockerfileRule = {
  id: 'runs-as-root',
  category: 'safety',
  severity: 'warning',
  title: 'The image runs as root',
  reason: 'Whoever breaks out of the program owns the container, and what is mounted into it.',
  fix: 'Add USER with a number, such as USER 65532:65532 (or USER node in the images of Node), behind the last RUN.',
  alike: ['DL3002'],
  fixable: false,
  check: (model) => {
    const stage = finalStage(model);
    if (stage === undefined) return [];
    const instructions = finalInstructions(model);
    const user = instructions.findLast(({ keyword }) => keyword === 'USER');
    const starts = instructions.findLast(({ keyword }) => keyword === 'CMD' || keyword === 'ENTRYPOINT');
    const base = stageChain(stage)[0]?.image ?? '';
    if (user === undefined) {
      // Without a program of its own it is a base, or a program that the base starts by its own rules.
      if (starts === undefined || UNPRIVILEGED.test(base) || dropsRights(model)) return [];
      return [{ at: starts, message: 'No USER is named: the program runs as root, unless the base says otherwise' }];
    }
    if (!/^(root|0)(:|$)/.test(user.words[0] ?? '') || dropsRights(model)) return [];
    return [{ at: user, message: 'The last USER is root' }];
  },
};

/** Scripts that begin as root and go on as another user. */
function dropsRights({ text }: DockerfileModel): boolean {
  return /\b(gosu|su-exec|setpriv|s6-setuidgid|runuser)\b/.test(text);
}

const secretInEnvironment: DockerfileRule = {
  id: 'secret-in-env',
  category: 'safety',
  severity: 'error',
  title: 'A secret in ARG or ENV',
  reason: 'Both are written into the image: whoever may pull it can read them with docker history.',
  fix: 'Mount it while it is needed: RUN --mount=type=secret,id=NAME; give it to the container when it runs.',
  alike: ['SecretsUsedInArgOrEnv'],
  fixable: false,
  check: ({ instructions }) =>
    instructions.flatMap((instruction) => {
      if (instruction.keyword !== 'ARG' && instruction.keyword !== 'ENV') return [];
      return instruction.pairs
        .filter(({ name, value = '' }) => {
          const isSet = instruction.keyword === 'ARG' || value !== '';
          return isSet && (isSecretName(name, value) || isSecretValue(value));
        })
        .map(({ name }) => ({ at: instruction, message: `"${name}" stays readable in the image` }));
    }),
};

const secretInCommand: DockerfileRule = {
  id: 'secret-in-command',
  category: 'safety',
  severity: 'error',
  title: 'A secret in a command',
  reason: 'The command is part of the history of the image, and what it writes is part of a layer.',
  fix: 'Mount it while it is needed: RUN --mount=type=secret,id=NAME.',
  alike: [],
  fixable: false,
  check: ({ stages, text }) =>
    stages.flatMap(({ instructions }) =>
      runsOf(instructions).flatMap((run) => {
        const source = sourceOf(text, run);
        const token = /_authToken["']?[ =]["']?(\$\{?\w|[\w-]{8})/.test(source);
        const address = /\bhttps?:\/\/[\w.%-]+:[^@\s/"']{3,200}@/.test(source);
        const words = run.commands.some(({ args, program }) =>
          [program, ...args].some((word) => isSecretValue(word.text)),
        );
        const what = token
          ? 'a token of a registry'
          : address
            ? 'an address with a password'
            : words
              ? 'a token'
              : undefined;
        return what === undefined ? [] : [{ at: run, message: `${what.replace(/^a/, 'A')} is written into the image` }];
      }),
    ),
};

const secretCopied: DockerfileRule = {
  id: 'secret-copied',
  category: 'safety',
  severity: 'error',
  title: 'A file with secrets is copied',
  reason: 'It stays in its layer, also where a later one deletes it, and in the cache of the builder.',
  fix: 'Mount it while it is needed: RUN --mount=type=secret,id=npmrc,target=/root/.npmrc.',
  alike: [],
  fixable: false,
  check: (model) => {
    const shipped = new Set(finalInstructions(model));
    return model.instructions.flatMap((instruction): readonly Problem[] => {
      const paths = copiedPaths(instruction);
      const secret = paths?.from === undefined ? paths?.sources.find(isSecretFile) : undefined;
      if (secret === undefined) return [];
      // Settings of npm without a token are common: that cannot be told from here.
      const severity = shipped.has(instruction) && !secret.endsWith('.npmrc') ? 'error' : 'warning';
      return [{ at: instruction, message: `"${secret}" becomes part of a layer`, severity }];
    });
  },
};

const pipedToShell: DockerfileRule = {
  id: 'curl-pipe-shell',
  category: 'safety',
  severity: 'warning',
  title: 'A script from the network is run unseen',
  reason: 'Whoever controls the address controls the image, and the layer is cached whatever the script becomes.',
  fix: 'Download a version that you name, compare its checksum, then run it.',
  alike: [],
  fixable: false,
  check: ({ stages }) =>
    stages.flatMap(({ instructions }) =>
      runsOf(instructions)
        .filter(runsDownload)
        .map((at) => ({ at, message: 'What a server sends is run as it comes' })),
    ),
};

const SHELLS = /^((ba|da|a|z|k)?sh|python\d?(\.\d+)?|node|perl|ruby|php)$/;

function runsDownload({ commands }: DockerInstruction): boolean {
  return commands.some(({ name, args, operator }, index) => {
    if (!SHELLS.test(name)) return false;
    if (args.some((word) => /(\$\(|<\(|`)\s*(curl|wget)\b/.test(word.text))) return true;
    // A script or code of its own: what comes in is only its input.
    if (args.some((word) => /^-\w*[ecm]$/.test(word.text) || /^[\w./]+\.\w+$/.test(word.text))) return false;
    const before = commands[index - 1];
    return operator === '|' && before !== undefined && /^(curl|wget)$/.test(before.name);
  });
}

const usesSudo: DockerfileRule = {
  id: 'sudo',
  category: 'safety',
  severity: 'warning',
  title: 'sudo in a RUN',
  reason: 'It is one more way to root in the image, and loses signals and the environment.',
  fix: 'Do what needs root before USER, or write USER root and back again.',
  alike: ['DL3004'],
  fixable: false,
  check: ({ stages }) =>
    stages.flatMap(({ instructions }) =>
      runsOf(instructions)
        .filter(({ commands }) => commands.some(({ sudo }) => sudo))
        .map((at) => ({ at, message: 'sudo runs a part of this command' })),
    ),
};

const addUrl: DockerfileRule = {
  id: 'add-url',
  category: 'safety',
  severity: 'warning',
  title: 'ADD of an address without a checksum',
  reason: 'What lies there may change or be replaced; nothing is compared.',
  fix: 'Write ADD --checksum=sha256:…, or a commit in an address of git.',
  alike: [],
  fixable: false,
  check: ({ instructions }) =>
    instructions.flatMap((instruction) => {
      const paths = instruction.keyword === 'ADD' ? copiedPaths(instruction) : undefined;
      const address = paths?.sources.find((source) => /^(https?|ftp|git|ssh):\/\/|^git@/.test(source));
      if (address === undefined || flagValue(instruction, 'checksum') !== undefined || address.includes('#')) return [];
      return [{ at: instruction, message: 'What the address gives is taken as it comes' }];
    }),
};

export const safetyRules: readonly DockerfileRule[] = [
  baseLatest,
  basePinned,
  runsAsRoot,
  secretInEnvironment,
  secretInCommand,
  secretCopied,
  pipedToShell,
  usesSudo,
  addUrl,
];
