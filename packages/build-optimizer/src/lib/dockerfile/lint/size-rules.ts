import { copiedPaths } from './copied-paths.ts';
import {
  chainInstructions,
  type DockerInstruction,
  type DockerStage,
  finalInstructions,
  finalStage,
  findStage,
  mountsOf,
  stageChain,
} from './dockerfile-model.ts';
import type { DockerfileRule, Problem } from './dockerfile-rule.ts';
import { estimates, recommendedEstimate } from './estimates.ts';
import { expandVariables } from './expand-variables.ts';
import {
  hasFlag,
  installedPackages,
  isApk,
  isApt,
  isBuild,
  isNodeInstall,
  runsOf,
  sourceOf,
} from './package-commands.ts';
import type { ShellCommand } from './shell-commands.ts';

const aptRecommends: DockerfileRule = {
  id: 'apt-recommends',
  category: 'size',
  severity: 'warning',
  title: 'apt-get install brings recommended packages',
  reason: 'Debian installs what a package merely recommends, unless it is told not to.',
  fix: 'Add --no-install-recommends, and name what is needed after all, such as ca-certificates for curl.',
  alike: ['DL3015'],
  fixable: false,
  check: ({ stages, text }) => {
    const runs = stages.flatMap(({ instructions }) => runsOf(instructions));
    if (runs.some((run) => /APT::Install-Recommends/i.test(sourceOf(text, run)))) return [];
    return runs.flatMap((run) => {
      const command = run.commands.find((one) => isApt(one, 'install') && !hasFlag(one, /^--no-install-recommends$/));
      const packages = command === undefined ? [] : installedPackages(command);
      if (command === undefined || packages.length === 0) return [];
      const message = `${command.name} also installs what ${named(packages)} recommend${packages.length === 1 ? 's' : ''}`;
      return [{ at: run, message, estimate: recommendedEstimate(packages) }];
    });
  },
};

function named(packages: readonly string[]): string {
  const shown = packages.slice(0, 3).map((name) => `"${name}"`);
  return packages.length > 3
    ? `${shown.join(', ')} and ${packages.length - 3} more`
    : shown.join(' and ') || 'the packages';
}

const builtInFinalStage: DockerfileRule = {
  id: 'built-in-final-stage',
  category: 'size',
  severity: 'warning',
  title: 'The image that runs is the one that builds',
  reason: 'Compilers, sources and dev dependencies stay in the image, to be pulled, scanned and attacked.',
  fix: 'Build in a stage of its own, and COPY --from it only what runs.',
  alike: [],
  fixable: false,
  check: (model) => {
    const problems: Problem[] = [];
    for (const run of runsOf(finalInstructions(model))) {
      const compilers = run.commands.flatMap((command) =>
        isApt(command, 'install') || isApk(command, 'add') ? installedPackages(command).filter(isCompiler) : [],
      );
      const removed = run.commands.some(
        (command) => isApk(command, 'del') || ['remove', 'purge', 'autoremove'].some((verb) => isApt(command, verb)),
      );
      const built = run.commands.find(isBuild);
      if (compilers.length > 0 && !removed) {
        const message = `${named(compilers)} ${compilers.length === 1 ? 'stays' : 'stay'} in the image`;
        const isFull = compilers.some((name) => name === 'g++' || name === 'build-essential');
        const estimate =
          isFull && run.commands.some((command) => isApt(command, 'install')) ? estimates.compilers : undefined;
        problems.push({ at: run, message, estimate });
      } else if (built !== undefined) {
        const what = [built.name, ...built.args.map((word) => word.text)].slice(0, 3).join(' ');
        problems.push({ at: run, message: `"${what}" runs in the stage that becomes the image` });
      }
    }
    return problems;
  },
};

const COMPILERS = new Set([
  'gcc',
  'g++',
  'make',
  'cmake',
  'clang',
  'build-essential',
  'build-base',
  'alpine-sdk',
  'musl-dev',
  'python3-dev',
  'rustc',
  'cargo',
]);

function isCompiler(name: string): boolean {
  return COMPILERS.has(name);
}

const devDependenciesShipped: DockerfileRule = {
  id: 'dev-dependencies-shipped',
  category: 'size',
  severity: 'warning',
  title: 'Dev dependencies are in the image that runs',
  reason: 'Compilers, test runners and linters are often most of node_modules.',
  fix: 'Install with npm ci --omit=dev in a stage of its own, and copy its node_modules.',
  alike: [],
  fixable: false,
  check: (model) => {
    const stage = finalStage(model);
    if (stage === undefined) return [];
    const own = devInstall(stage);
    const estimate = estimates.devDependencies;
    if (own !== undefined) {
      const problem = {
        at: own,
        message: 'Dev dependencies are installed in the stage that becomes the image',
        estimate,
      };
      return isBuiltOn(stage) ? [] : [problem];
    }
    return chainInstructions(stage).flatMap((instruction): readonly Problem[] => {
      const paths = copiedPaths(instruction);
      const from = paths?.from === undefined ? undefined : findStage(model, paths.from);
      const install = from === undefined ? undefined : devInstall(from);
      const takes = paths?.sources.some((source) => /(^|\/)node_modules\/?$/.test(source)) ?? false;
      if (install === undefined || !takes) return [];
      return [
        {
          at: instruction,
          message: `node_modules comes from line ${install.line}, which installs dev dependencies`,
          estimate,
        },
      ];
    });
  },
};

/** Nothing is said where a web server only serves what was built. */
function isBuiltOn({ image }: DockerStage): boolean {
  return /(^|\/)(nginx|httpd|caddy)\b/.test(image);
}

/** The last installation of a stage that brings dev dependencies, where nothing removes them again. */
function devInstall(stage: DockerStage): DockerInstruction | undefined {
  const defaults = new Map<string, string>();
  let production = false;
  let found: DockerInstruction | undefined;
  for (const instruction of chainInstructions(stage)) {
    for (const { name, value } of instruction.pairs) {
      if (instruction.keyword === 'ARG' && value !== undefined) defaults.set(name, value);
      const isProduction = name === 'NODE_ENV' && expandVariables(value ?? '', defaults) === 'production';
      if (instruction.keyword === 'ENV') production ||= isProduction;
    }
    for (const command of instruction.keyword === 'RUN' ? instruction.commands : []) {
      if (isNodeInstall(command)) found = production || omitsDev(command) ? undefined : instruction;
      else if (removesDev(command)) found = undefined;
    }
  }
  return found;
}

const OMITS_DEV = /^(--omit=dev|--production(=true)?|--prod|-P|--only=prod(uction)?)$/;

function omitsDev(command: ShellCommand): boolean {
  const takesNext = command.args.some(
    (word, index) => /^--(omit|only)$/.test(word.text) && /^(dev|prod)/.test(command.args[index + 1]?.text ?? ''),
  );
  return takesNext || hasFlag(command, OMITS_DEV);
}

function removesDev({ name, args }: ShellCommand): boolean {
  const words = args.map((word) => word.text);
  if (name === 'rm') return words.some((word) => /(^|\/)node_modules\/?$/.test(word));
  return (
    ['npm', 'pnpm', 'yarn'].includes(name) && (words[0] === 'prune' || words.includes('focus') || words[0] === 'deploy')
  );
}

const unusedStage: DockerfileRule = {
  id: 'unused-stage',
  category: 'size',
  severity: 'info',
  title: 'A stage that the last one does not need',
  reason: 'BuildKit passes over it; other builders build it for nothing.',
  fix: 'Remove it, or build it by --target.',
  alike: [],
  fixable: false,
  check: (model) => {
    const last = finalStage(model);
    if (last === undefined) return [];
    const used = new Set<DockerStage>();
    const visit = (stage: DockerStage): void => {
      for (const one of stageChain(stage)) {
        if (used.has(one)) continue;
        used.add(one);
        for (const name of one.instructions.flatMap(stagesNamed)) {
          const found = findStage(model, name);
          if (found !== undefined && found.index < one.index) visit(found);
        }
      }
    };
    visit(last);
    return model.stages
      .filter((stage) => !used.has(stage))
      .map((stage) => ({
        at: stage.from,
        message: `Nothing of ${stage.name === undefined ? 'this stage' : `"${stage.name}"`} reaches the last stage`,
      }));
  },
};

function stagesNamed(instruction: DockerInstruction): readonly string[] {
  const mounts = mountsOf(instruction).flatMap(({ from }) => (from === undefined ? [] : [from]));
  const from = copiedPaths(instruction)?.from;
  return from === undefined ? mounts : [...mounts, from];
}

export const sizeRules: readonly DockerfileRule[] = [
  aptRecommends,
  builtInFinalStage,
  devDependenciesShipped,
  unusedStage,
];
