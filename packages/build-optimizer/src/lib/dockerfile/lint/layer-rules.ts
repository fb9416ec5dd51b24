import { posix } from 'node:path';
import { cacheMountEdit } from './cache-mount-edit.ts';
import { copiedPaths, isBelow, resolveIn, workingDirectories } from './copied-paths.ts';
import { type DockerfileModel, type DockerInstruction, finalInstructions } from './dockerfile-model.ts';
import type { DockerfileRule, Problem, TextEdit } from './dockerfile-rule.ts';
import { estimates } from './estimates.ts';
import {
  hasCacheMount,
  hasFlag,
  isApk,
  isApt,
  isDependencyInstall,
  isNodeInstall,
  keepsNothing,
  runsOf,
  sourceOf,
} from './package-commands.ts';

const packageListsLeft: DockerfileRule = {
  id: 'package-lists-left',
  category: 'size',
  severity: 'warning',
  title: 'Package lists or archives stay in the layer',
  reason: 'What a layer holds stays in the image, even where a later one deletes it.',
  fix: 'End the same RUN with rm -rf /var/lib/apt/lists/* (or dnf clean all), or use a cache mount.',
  alike: ['DL3009', 'DL3032', 'DL3036', 'DL3040'],
  fixable: true,
  check: (model) => {
    const runs = runsOf(finalInstructions(model));
    return runs.flatMap((run, index): readonly Problem[] => {
      const text = sourceOf(model.text, run);
      const isApt_ = run.commands.some((command) => isApt(command, 'update'));
      if (isApt_ && !hasCacheMount(run, '/var/lib/apt') && !/\/var\/lib\/apt\b/.test(text)) {
        const edits = needsLists(runs.slice(index + 1))
          ? undefined
          : appendCommand(model, run, 'rm -rf /var/lib/apt/lists/*');
        return [
          { at: run, message: 'The lists of apt-get update stay in the layer', estimate: estimates.aptLists, edits },
        ];
      }
      const other = run.commands.find(
        ({ name, args }) => CLEANED.test(name) && args.some((word) => word.text === 'install'),
      );
      if (other === undefined || hasCacheMount(run) || /\bclean\b|\/var\/cache\//.test(text)) return [];
      return [{ at: run, message: `The downloads of "${other.name}" stay in the layer` }];
    });
  },
};

const CLEANED = /^(yum|dnf|zypper)$/;

/** Whether a later layer installs from the lists of this one. */
function needsLists(runs: readonly DockerInstruction[]): boolean {
  for (const { commands } of runs) {
    if (commands.some((command) => isApt(command, 'update'))) return false;
    if (commands.some((command) => command.name.startsWith('apt'))) return true;
  }
  return false;
}

/** `undefined` where the end of a script is not plain enough to go on after it. */
function appendCommand(
  { text, escapeCharacter }: DockerfileModel,
  run: DockerInstruction,
  command: string,
): readonly TextEdit[] | undefined {
  const source = sourceOf(text, run).trimEnd();
  const last = source.slice(source.lastIndexOf('\n') + 1);
  const goesOn = /[;&|\\`]$/.test(source) || last.includes('#');
  if (run.json !== undefined || run.heredocs.length > 0 || goesOn || run.onbuild) return undefined;
  if (run.commands.some(({ operator }) => operator === '||' || operator === '&')) return undefined;
  const end = run.start + source.length;
  const isLong = source.includes('\n');
  return [{ start: end, end, text: isLong ? ` ${escapeCharacter}\n    && ${command}` : ` && ${command}` }];
}

const apkCacheLeft: DockerfileRule = {
  id: 'apk-cache-left',
  category: 'size',
  severity: 'warning',
  title: 'apk add without --no-cache',
  reason: 'The index of packages stays in the layer, and in the cache of builds, where it grows old.',
  fix: 'Write apk add --no-cache, which needs no apk update.',
  alike: ['DL3018', 'DL3019'],
  fixable: true,
  check: ({ stages, text }) =>
    stages.flatMap(({ instructions }) =>
      runsOf(instructions).flatMap((run): readonly Problem[] => {
        const command = run.commands.find((one) => isApk(one, 'add') && !hasFlag(one, /^--no-cache$/));
        if (command === undefined || hasCacheMount(run) || /\/var\/cache\/apk/.test(sourceOf(text, run))) return [];
        if (run.commands.some((one) => one.name === 'apk' && hasFlag(one, /^--no-cache$/) && isApk(one, 'update')))
          return [];
        const verb = command.args.find((word) => word.text === 'add');
        const canEdit = run.json === undefined && verb?.plain === true;
        const edits = canEdit ? [{ start: verb.end, end: verb.end, text: ' --no-cache' }] : undefined;
        return [{ at: run, message: 'The index that apk downloads stays in the layer', edits }];
      }),
    ),
};

const downloadCacheLeft: DockerfileRule = {
  id: 'download-cache-left',
  category: 'size',
  severity: 'warning',
  title: 'The downloads of a package manager stay in the image',
  reason: 'npm, yarn, pip and others keep what they downloaded for a next time that never comes in an image.',
  fix: 'Use a cache mount, which is no part of the layer, or clean the cache in the same RUN.',
  alike: ['DL3042', 'DL3060'],
  fixable: true,
  check: (model) =>
    runsOf(finalInstructions(model)).flatMap((run): readonly Problem[] => {
      const command = run.commands.find(isDependencyInstall);
      const text = sourceOf(model.text, run);
      const isClean = /cache (clean|clear|rm)|clean-cache|--no-cache|store prune|(\.npm|\.cache|_cacache)\b/.test(text);
      if (command === undefined || keepsNothing(command.name) || hasCacheMount(run) || isClean) return [];
      const estimate = isNodeInstall(command) ? estimates.npmCache : undefined;
      const stage = model.stages.find(({ instructions }) => instructions.includes(run));
      const edits = stage === undefined ? undefined : cacheMountEdit(model, stage, run);
      return [{ at: run, message: `The downloads of "${command.name}" stay in the image`, estimate, edits }];
    }),
};

const removedLater: DockerfileRule = {
  id: 'removed-in-later-layer',
  category: 'size',
  severity: 'warning',
  title: 'A layer deletes what an earlier one added',
  reason: 'The earlier layer is still part of the image: it is pulled in full, and the files can be read from it.',
  fix: 'Delete it in the RUN that made it, or make it in another stage.',
  alike: [],
  fixable: false,
  check: (model) => {
    const instructions = finalInstructions(model);
    const directories = workingDirectories(instructions);
    const made: Made = { files: new Map(), packages: undefined, lists: undefined };
    return instructions.flatMap((instruction): readonly Problem[] => {
      const found = instruction.keyword === 'RUN' ? removedOf(instruction, made, directories) : undefined;
      remember(made, instruction, directories);
      return found === undefined ? [] : [{ at: instruction, ...found }];
    });
  },
};

type Directories = ReturnType<typeof workingDirectories>;

/** What earlier layers hold, and which instruction made it. */
interface Made {
  readonly files: Map<string, DockerInstruction>;
  packages: DockerInstruction | undefined;
  lists: DockerInstruction | undefined;
}

function remember(made: Made, instruction: DockerInstruction, directories: Directories): void {
  for (const path of copiedTo(instruction, directories)) made.files.set(path, instruction);
  if (installsPackages(instruction)) made.packages = instruction;
  if (instruction.commands.some((command) => isApt(command, 'update'))) made.lists = instruction;
}

function installsPackages({ keyword, commands }: DockerInstruction): boolean {
  return keyword === 'RUN' && commands.some((command) => isApt(command, 'install') || isApk(command, 'add'));
}

function removedOf(run: DockerInstruction, made: Made, directories: Directories) {
  const { commands } = run;
  const remover = commands.find((one) => isApk(one, 'del') || REMOVALS.some((verb) => isApt(one, verb)));
  const isOwn = installsPackages(run) || commands.some((command) => isApt(command, 'update'));
  if (remover !== undefined && !isOwn && made.packages !== undefined) {
    return { message: `What "${remover.name}" removes stays in the layer of line ${made.packages.line}` };
  }
  const removed = commands.filter(({ name }) => name === 'rm').flatMap(({ args }) => args.map((word) => word.text));
  if (!isOwn && made.lists !== undefined && removed.some((path) => path.startsWith('/var/lib/apt/lists'))) {
    return { message: `The lists of apt stay in the layer of line ${made.lists.line}`, estimate: estimates.aptLists };
  }
  for (const path of removed) {
    const target = resolveIn(directories.get(run), path.replace(/\/\*$/, ''));
    const copy = target === undefined ? undefined : made.files.get(target);
    if (copy !== undefined) return { message: `"${path}" stays in the layer of line ${copy.line}` };
  }
  return undefined;
}

const REMOVALS = ['purge', 'remove', 'autoremove', 'clean'];

/** Absolute paths that a COPY or ADD certainly makes. */
function copiedTo(instruction: DockerInstruction, directories: Directories): readonly string[] {
  const paths = copiedPaths(instruction);
  const target = paths === undefined ? undefined : resolveIn(directories.get(instruction), paths.target);
  if (paths === undefined || target === undefined) return [];
  const isDirectory = paths.sources.length > 1 || /(^|\/)\.?\.?\/?$/.test(paths.target);
  if (!isDirectory) return [target];
  return paths.sources.map((source) => posix.join(target, posix.basename(source))).filter((path) => path !== target);
}

const chownDuplicates: DockerfileRule = {
  id: 'chown-duplicates',
  category: 'size',
  severity: 'warning',
  title: 'chown -R or chmod -R stores copied files a second time',
  reason: 'A layer holds whole files: changing the owner of what an earlier layer has copies all of it.',
  fix: 'Write COPY --chown (or --chmod) where the files come in.',
  alike: [],
  fixable: false,
  check: (model) => {
    const instructions = finalInstructions(model);
    const directories = workingDirectories(instructions);
    return instructions.flatMap((run, index): readonly Problem[] => {
      const changes = run.keyword === 'RUN' ? run.commands.filter(isRecursiveChange) : [];
      for (const { name, args } of changes) {
        const targets = args.slice(1, MOST_TARGETS).flatMap((word) => resolveIn(directories.get(run), word.text) ?? []);
        const copy = instructions.slice(0, index).findLast((one) => {
          const paths = copiedPaths(one);
          const made = paths === undefined ? undefined : resolveIn(directories.get(one), paths.target);
          return made !== undefined && targets.some((target) => isBelow(made, target));
        });
        if (copy !== undefined)
          return [{ at: run, message: `${name} -R stores what line ${copy.line} copied once more` }];
      }
      return [];
    });
  },
};

const MOST_TARGETS = 50;

function isRecursiveChange(command: {
  readonly name: string;
  readonly args: readonly { readonly text: string }[];
}): boolean {
  const recursive = command.args.some((word) => /^(-[a-zA-Z]*R[a-zA-Z]*|--recursive)$/.test(word.text));
  return recursive && ['chown', 'chmod', 'chgrp'].includes(command.name);
}

export const layerRules: readonly DockerfileRule[] = [
  packageListsLeft,
  apkCacheLeft,
  downloadCacheLeft,
  removedLater,
  chownDuplicates,
];
