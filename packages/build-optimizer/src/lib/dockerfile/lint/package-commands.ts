import { type DockerInstruction, type DockerStage, mountsOf } from './dockerfile-model.ts';
import type { ShellCommand } from './shell-commands.ts';

/** Installs what a manifest of the project lists: no package is named on the command line. */
export function isDependencyInstall(command: ShellCommand): boolean {
  const [verb, ...rest] = verbs(command);
  switch (command.name) {
    case 'npm':
      return ['install', 'i', 'ci', 'clean-install'].includes(verb ?? '') && rest.length === 0 && !isGlobal(command);
    case 'yarn':
      return (
        (verb === undefined && !hasFlag(command, /^(--version|-v|--help)$/)) ||
        (verb === 'install' && rest.length === 0)
      );
    case 'pnpm':
      return ['install', 'i', 'fetch'].includes(verb ?? '') && !isGlobal(command);
    case 'bun':
      return ['install', 'i'].includes(verb ?? '') && rest.length === 0 && !isGlobal(command);
    case 'pip':
    case 'pip3':
      return verb === 'install' && hasFlag(command, /^(-r|--requirement)/);
    case 'poetry':
    case 'bundle':
    case 'composer':
      return verb === 'install';
    case 'go':
      return verb === 'mod' && rest[0] === 'download';
    default:
      return false;
  }
}

/** Whether a package manager leaves no downloads behind in the directories of an image. */
export function keepsNothing(name: string | undefined): boolean {
  return name === 'go' || name === 'pnpm';
}

/** Of a package manager of Node. */
export function isNodeInstall(command: ShellCommand): boolean {
  return ['npm', 'yarn', 'pnpm', 'bun'].includes(command.name) && isDependencyInstall(command);
}

/** `npm run build` and its like, and the compilers themselves. */
export function isBuild(command: ShellCommand): boolean {
  const words = verbs(command);
  if (['npm', 'yarn', 'pnpm', 'bun'].includes(command.name)) {
    return words.includes('build') && ['run', 'build'].includes(words[0] ?? '');
  }
  return ['tsc', 'webpack', 'vite', 'rollup'].includes(command.name) && !words.includes('serve');
}

/** The words of a command that are no flags: `install`, and what is installed. */
export function verbs({ name, args }: ShellCommand): readonly string[] {
  const valued = VALUED[name] ?? [];
  return args
    .filter((word, index) => !word.text.startsWith('-') && !valued.includes(args[index - 1]?.text ?? ''))
    .map((word) => word.text);
}

/** Flags that take the next word with them. */
const VALUED: Readonly<Record<string, readonly string[]>> = {
  npm: ['--prefix', '--loglevel', '--registry', '--cache', '--omit', '--only', '--workspace', '-w', '-C'],
  yarn: ['--cwd', '--network-timeout', '--cache-folder', '--modules-folder', '--registry'],
  pnpm: ['--filter', '-F', '--dir', '-C', '--store-dir', '--registry'],
  bun: ['--cwd'],
  'apt-get': ['-o', '-t', '--target-release'],
  apt: ['-o', '-t', '--target-release'],
  apk: ['--repository', '-X', '-t', '--virtual'],
};

export function hasFlag({ args }: ShellCommand, pattern: RegExp): boolean {
  return args.some((word) => pattern.test(word.text));
}

function isGlobal(command: ShellCommand): boolean {
  return hasFlag(command, /^(-g|--global|--location=global)$/);
}

export function isApt(command: ShellCommand, verb: string): boolean {
  return (command.name === 'apt-get' || command.name === 'apt') && verbs(command)[0] === verb;
}

export function isApk(command: ShellCommand, verb: string): boolean {
  return command.name === 'apk' && verbs(command)[0] === verb;
}

/** What an install command installs. */
export function installedPackages(command: ShellCommand): readonly string[] {
  return verbs(command)
    .slice(1)
    .map((name) => name.replace(/[=<>~].*$/, ''));
}

/** Whether a cache mount lies over a directory, at it, above it or below it. */
export function hasCacheMount(run: DockerInstruction, target?: string): boolean {
  return mountsOf(run).some(
    ({ type, target: mounted = '', dst = mounted, destination = dst }) =>
      type === 'cache' &&
      (target === undefined || destination.startsWith(target) || target.startsWith(destination.replace(/\/$/, ''))),
  );
}

/** The text of an instruction, to be searched where its words do not matter. */
export function sourceOf(text: string, { start, end }: DockerInstruction): string {
  return text.slice(start, end);
}

export function runsOf(instructions: DockerStage['instructions']): readonly DockerInstruction[] {
  return instructions.filter(({ keyword, onbuild }) => keyword === 'RUN' && !onbuild);
}
