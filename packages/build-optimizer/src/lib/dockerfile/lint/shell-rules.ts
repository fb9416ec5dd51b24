import { copiedPaths } from './copied-paths.ts';
import { type DockerInstruction, stageChain } from './dockerfile-model.ts';
import type { DockerfileRule, Problem } from './dockerfile-rule.ts';
import { hasFlag, isApt, isDependencyInstall, runsOf } from './package-commands.ts';
import type { ShellCommand } from './shell-commands.ts';

const installNotLocked: DockerfileRule = {
  id: 'install-not-locked',
  category: 'correctness',
  severity: 'warning',
  title: 'npm install where npm ci belongs',
  reason: 'npm install may take other versions than the lockfile says, and write another lockfile into the layer.',
  fix: 'Commit the lockfile and write npm ci (yarn install --immutable, bun install --frozen-lockfile).',
  alike: [],
  fixable: true,
  check: ({ stages }, facts) =>
    stages.flatMap((stage) => {
      const instructions = stageChain(stage).flatMap((one) => one.instructions);
      return runsOf(stage.instructions).flatMap((run): readonly Problem[] => {
        const command = run.commands.find(isUnlocked);
        if (command === undefined) return [];
        const before = instructions.slice(0, instructions.indexOf(run));
        const isLocked = before.some((one) =>
          copiesLockfile(
            one,
            facts.entries.map(({ path }) => path),
          ),
        );
        const severity = command.name === 'npm' ? 'warning' : 'info';
        const edits = isLocked && run.json === undefined ? ciEdit(command) : undefined;
        return [
          {
            at: run,
            message: `"${command.name} install" may install other versions than the lockfile says`,
            severity,
            edits,
          },
        ];
      });
    }),
};

function isUnlocked(command: ShellCommand): boolean {
  if (!isDependencyInstall(command)) return false;
  if (command.name === 'npm') return !command.args.some((word) => /^(ci|clean-install)$/.test(word.text));
  return ['yarn', 'bun'].includes(command.name) && !hasFlag(command, /^--(frozen-lockfile|immutable)/);
}

/** A name without a pattern fails the build where the file is missing: then it is there. */
function copiesLockfile(instruction: DockerInstruction, present: readonly string[]): boolean {
  const paths = copiedPaths(instruction);
  if (paths === undefined || paths.from !== undefined) return false;
  return paths.sources.some((source) => {
    const name = source.replace(/^\.\//, '');
    if (/^(package-lock|npm-shrinkwrap)\.json$/.test(name)) return true;
    return /^(package\*?(-lock)?\*?\.json|\.|\*|)$/.test(name) && present.includes('package-lock.json');
  });
}

/** Flags that npm ci knows as npm install does. */
const COMMON_FLAGS =
  /^--(omit=\w+|include=\w+|only=prod(uction)?|production|no-audit|no-fund|ignore-scripts|silent|quiet|prefer-offline|legacy-peer-deps|no-progress|loglevel=\w+|no-update-notifier)$/;

function ciEdit({ args, name }: ShellCommand) {
  const verb = args.find((word) => word.text === 'install' || word.text === 'i');
  const isCommon = args.every((word) => word === verb || COMMON_FLAGS.test(word.text));
  if (name !== 'npm' || verb === undefined || !verb.plain || !isCommon) return undefined;
  return [{ start: verb.start, end: verb.end, text: 'ci' }];
}

const aptWithoutYes: DockerfileRule = {
  id: 'apt-without-yes',
  category: 'correctness',
  severity: 'error',
  title: 'apt-get install asks a question',
  reason: 'Nobody answers during a build: it ends there.',
  fix: 'Add --yes.',
  alike: ['DL3014'],
  fixable: true,
  check: ({ stages, text }) =>
    stages.flatMap(({ instructions }) =>
      runsOf(instructions).flatMap((run): readonly Problem[] => {
        const command = run.commands.find(
          (one) => isApt(one, 'install') && !hasFlag(one, /^(-\w*[yq]\w*|--yes|--assume-yes|-qq|--quiet.*)$/),
        );
        const answered = /APT::Get::Assume-Yes|\byes\s*\|/i.test(text.slice(run.start, run.end));
        if (command === undefined || answered || command.args.length < 2) return [];
        const verb = command.args.find((word) => word.text === 'install');
        const edits =
          run.json === undefined && verb?.plain === true
            ? [{ start: verb.end, end: verb.end, text: ' --yes' }]
            : undefined;
        return [{ at: run, message: `${command.name} install waits for an answer`, edits }];
      }),
    ),
};

const pipeWithoutPipefail: DockerfileRule = {
  id: 'pipe-hides-failure',
  category: 'correctness',
  severity: 'info',
  title: 'A pipe hides that its first command failed',
  reason: 'A shell looks at the last command of a pipe only: the layer is kept though the download failed.',
  fix: 'Write SHELL ["/bin/bash", "-o", "pipefail", "-c"], or set -o pipefail in the RUN where the shell knows it.',
  alike: ['DL4006'],
  fixable: false,
  check: ({ stages, text }) =>
    stages.flatMap((stage) => {
      const chain = stageChain(stage).flatMap((one) => one.instructions);
      if (chain.some((one) => one.keyword === 'SHELL' && /pipefail|pwsh|powershell|cmd/i.test(one.words.join(' '))))
        return [];
      return runsOf(stage.instructions).flatMap((run): readonly Problem[] => {
        const index = run.commands.findIndex(
          ({ operator }, at) => operator === '|' && isDownload(run.commands[at - 1]),
        );
        if (index === -1 || /pipefail/.test(text.slice(run.start, run.end))) return [];
        return [
          {
            at: run,
            message: `"${run.commands[index]?.name}" goes on with what came, though "${run.commands[index - 1]?.name}" failed`,
          },
        ];
      });
    }),
};

function isDownload(command: ShellCommand | undefined): boolean {
  return command !== undefined && /^(curl|wget)$/.test(command.name);
}

export const shellRules: readonly DockerfileRule[] = [installNotLocked, aptWithoutYes, pipeWithoutPipefail];
