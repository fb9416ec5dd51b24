import { cacheMountEdit } from './cache-mount-edit.ts';
import { copiedPaths, copiesContext } from './copied-paths.ts';
import { type DockerInstruction, finalInstructions, finalStage, flagValue } from './dockerfile-model.ts';
import type { DockerfileRule, Problem } from './dockerfile-rule.ts';
import { estimates } from './estimates.ts';
import { hasCacheMount, isApt, isDependencyInstall, isNodeInstall, keepsNothing, runsOf } from './package-commands.ts';
import { usesBuildKit } from './uses-buildkit.ts';

const copyBeforeInstall: DockerfileRule = {
  id: 'copy-before-install',
  category: 'cache',
  severity: 'warning',
  title: 'Sources are copied before dependencies are installed',
  reason: 'Every change of any file installs all dependencies again.',
  fix: 'Copy package.json and the lockfile, install, then copy the rest.',
  alike: [],
  fixable: false,
  check: (model) =>
    model.stages.flatMap(({ instructions }) => {
      const copied = instructions.findIndex((instruction) => !instruction.onbuild && copiesContext(instruction));
      if (copied === -1 || runsOf(instructions.slice(0, copied)).some(installs)) return [];
      const install = runsOf(instructions.slice(copied)).find(installs);
      if (install === undefined) return [];
      const [command] = install.commands.filter(isDependencyInstall);
      const message = `The whole context is copied before "${command?.name}" installs dependencies in line ${install.line}`;
      const isNode = install.commands.some(isNodeInstall);
      return [{ at: instructions[copied], message, estimate: isNode ? estimates.install : undefined }];
    }),
};

function installs(run: DockerInstruction): boolean {
  return run.commands.some(isDependencyInstall);
}

const missingCacheMount: DockerfileRule = {
  id: 'missing-cache-mount',
  category: 'cache',
  severity: 'info',
  title: 'Downloads are not kept between builds',
  reason: 'When a dependency changes, all of them are downloaded again.',
  fix: 'Add --mount=type=cache with the cache directory of the package manager as its target.',
  alike: ['DL3042', 'DL3060'],
  fixable: true,
  check: (model) =>
    model.stages.flatMap((stage) =>
      runsOf(stage.instructions).flatMap((run): readonly Problem[] => {
        const command = run.commands.find(isDependencyInstall);
        // In the image that runs they are not kept but left: another rule.
        const isLeft = !keepsNothing(command?.name) && finalInstructions(model).includes(run);
        if (command === undefined || isLeft || hasCacheMount(run) || cleansUp(run)) return [];
        const message = `"${command.name}" downloads anew what an earlier build had`;
        const estimate = isNodeInstall(command) ? estimates.npmCache : undefined;
        return [{ at: run, message, estimate, edits: cacheMountEdit(model, stage, run) }];
      }),
    ),
};

/** Who empties the cache in the same command wants no cache. */
function cleansUp({ commands }: DockerInstruction): boolean {
  return commands.some(
    ({ name, args }) =>
      (name === 'npm' || name === 'yarn' || name === 'pnpm') && /^(cache|store)$/.test(args[0]?.text ?? ''),
  );
}

const aptUpdateAlone: DockerfileRule = {
  id: 'apt-update-alone',
  category: 'cache',
  severity: 'warning',
  title: 'apt-get update is a layer of its own',
  reason: 'The layer stays in the cache: a later apt-get install then asks for versions that the mirror no longer has.',
  fix: 'Write apt-get update && apt-get install in one RUN.',
  alike: [],
  fixable: false,
  check: (model) =>
    model.stages.flatMap(({ instructions }) => {
      const runs = runsOf(instructions);
      const bare = runs.filter(
        (run) =>
          updates(run) &&
          !run.commands.some((command) => isApt(command, 'install')) &&
          !hasCacheMount(run, '/var/lib/apt'),
      );
      return bare.flatMap((run) => {
        const later = runs
          .slice(runs.indexOf(run) + 1)
          .find((other) => other.commands.some((command) => isApt(command, 'install')) && !updates(other));
        if (later === undefined) return [];
        return [
          { at: run, message: `apt-get install in line ${later.line} uses the lists of this layer, however old it is` },
        ];
      });
    }),
};

function updates({ commands }: DockerInstruction): boolean {
  return commands.some((command) => isApt(command, 'update'));
}

const VOLATILE =
  /^(?:\w+_)?(?:BUILD_?(?:DATE|TIME|TIMESTAMP|NUMBER|ID)|(?:GIT_|VCS_)?(?:COMMIT|SHA|HASH|REVISION|REF)(?:_(?:SHA|HASH|ID))?|(?:APP|BUILD|RELEASE)_VERSION)$/i;

const volatileBeforeInstall: DockerfileRule = {
  id: 'volatile-before-install',
  category: 'cache',
  severity: 'warning',
  title: 'A value that changes with each build stands before the installation',
  reason: 'An ARG or ENV is part of the key of every RUN after it in its stage: all of them run again.',
  fix: 'Move it behind the last RUN that does not use it.',
  alike: [],
  fixable: false,
  check: (model) =>
    model.stages.flatMap(({ instructions }) =>
      instructions.flatMap((instruction, index) => {
        const { keyword, onbuild } = instruction;
        if (onbuild || !['ARG', 'ENV', 'LABEL'].includes(keyword)) return [];
        const name = volatileName(instruction);
        const next = runsOf(instructions.slice(index + 1)).find(isCostly);
        if (name === undefined || next === undefined) return [];
        if (keyword === 'LABEL') {
          const message = `"${name}" stands before line ${next.line}: BuildKit does not mind, other builders run that again`;
          return [{ at: instruction, message, severity: 'info' as const }];
        }
        return [
          { at: instruction, message: `"${name}" changes with each build, and line ${next.line} runs again with it` },
        ];
      }),
    ),
};

function volatileName({ keyword, pairs }: DockerInstruction): string | undefined {
  if (keyword !== 'LABEL') return pairs.find(({ name }) => VOLATILE.test(name))?.name;
  return pairs.find(({ value = '' }) => [...value.matchAll(/\$\{?(\w+)/g)].some(([, name = '']) => VOLATILE.test(name)))
    ?.name;
}

/** Installs something: that is what is worth keeping. */
function isCostly(run: DockerInstruction): boolean {
  return run.commands.some((command) => isDependencyInstall(command) || isApt(command, 'install'));
}

const missingLink: DockerfileRule = {
  id: 'missing-link',
  category: 'cache',
  severity: 'info',
  title: 'COPY without --link in the image that runs',
  reason: 'With --link a layer stays valid when a layer below it changes: a new base copies nothing again.',
  fix: 'Write COPY --link, unless the target lies behind a symbolic link of a lower layer.',
  alike: [],
  fixable: false,
  check: (model) => {
    const { instructions = [] } = finalStage(model) ?? {};
    const last = instructions.findLastIndex(({ keyword }) => keyword === 'RUN');
    const copies = instructions.slice(last + 1).filter((instruction) => {
      const isHere = !instruction.onbuild && copiedPaths(instruction) !== undefined;
      return isHere && flagValue(instruction, 'link') === undefined;
    });
    const [first] = copies;
    if (first === undefined || (model.stages.length === 1 && !usesBuildKit(model))) return [];
    const count = copies.length === 1 ? 'This COPY is' : `${copies.length} COPY from here on are`;
    return [{ at: first, message: `${count} made again whenever a layer below changes` }];
  },
};

export const cacheRules: readonly DockerfileRule[] = [
  copyBeforeInstall,
  missingCacheMount,
  aptUpdateAlone,
  volatileBeforeInstall,
  missingLink,
];
