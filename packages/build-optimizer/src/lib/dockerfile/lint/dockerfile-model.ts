import type { ShellCommand } from './shell-commands.ts';

/** A Dockerfile as rules see it: stages of instructions, and which stage takes what from which. */
export interface DockerfileModel {
  readonly text: string;
  /** `\`, or the backtick that an `escape` directive names. */
  readonly escapeCharacter: string;
  /** Of `# syntax=`. */
  readonly syntax: string | undefined;
  readonly instructions: readonly DockerInstruction[];
  /** What stands before the first FROM. */
  readonly globals: readonly DockerInstruction[];
  readonly stages: readonly DockerStage[];
  readonly comments: readonly DockerComment[];
}

export interface DockerComment {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

export interface DockerStage {
  readonly index: number;
  /** In lower case, as builders compare it. */
  readonly name: string | undefined;
  readonly from: DockerInstruction;
  /** What it is built on, with variables filled in as far as their defaults say. */
  readonly image: string;
  /** The stage that it is built on, where that is one. */
  readonly parent: DockerStage | undefined;
  readonly instructions: readonly DockerInstruction[];
}

export interface DockerInstruction {
  /** In upper case. */
  readonly keyword: string;
  /** As it is written. */
  readonly written: string;
  /** Runs in the image that is built on this one. */
  readonly onbuild: boolean;
  /** From 1; the last one includes here-documents. */
  readonly line: number;
  readonly endLine: number;
  /** From 1. */
  readonly column: number;
  /** Offsets in the text. */
  readonly start: number;
  readonly end: number;
  readonly flags: readonly DockerFlag[];
  /** Where the arguments begin, behind the flags. */
  readonly argsStart: number;
  /** Words of the arguments, here-documents left out. */
  readonly words: readonly string[];
  /** The arguments where they are a JSON list of texts. */
  readonly json: readonly string[] | undefined;
  /** Names and values of ARG, ENV and LABEL. */
  readonly pairs: readonly DockerPair[];
  readonly heredocs: readonly DockerHeredoc[];
  /** Of RUN, CMD, ENTRYPOINT and HEALTHCHECK. */
  readonly commands: readonly ShellCommand[];
}

export interface DockerFlag {
  readonly name: string;
  readonly value: string;
}

export interface DockerPair {
  readonly name: string;
  readonly value: string | undefined;
}

export interface DockerHeredoc {
  readonly name: string;
  /** Offsets of its content. */
  readonly start: number;
  readonly end: number;
}

/** A stage and all that it is built on, the first stage first. */
export function stageChain(stage: DockerStage): readonly DockerStage[] {
  const chain: DockerStage[] = [];
  for (let current: DockerStage | undefined = stage; current !== undefined; current = current.parent)
    chain.unshift(current);
  return chain;
}

/** The instructions of a stage and of all that it is built on, without those of ONBUILD. */
export function chainInstructions(stage: DockerStage): readonly DockerInstruction[] {
  return stageChain(stage).flatMap(({ instructions }) => instructions.filter(({ onbuild }) => !onbuild));
}

/** What a build makes unless it is asked for another target. */
export function finalStage({ stages }: DockerfileModel): DockerStage | undefined {
  return stages.at(-1);
}

/** What makes the image that the last stage gives. */
export function finalInstructions(model: DockerfileModel): readonly DockerInstruction[] {
  const stage = finalStage(model);
  return stage === undefined ? [] : chainInstructions(stage);
}

/** The stage that `COPY --from` or `--mount=from=` names, where it is one of these. */
export function findStage({ stages }: Pick<DockerfileModel, 'stages'>, name: string): DockerStage | undefined {
  const lower = name.toLowerCase();
  return (
    stages.findLast((stage) => stage.name === lower) ?? (/^\d{1,4}$/.test(name) ? stages[Number(name)] : undefined)
  );
}

export function flagValue({ flags }: DockerInstruction, name: string): string | undefined {
  return flags.find((flag) => flag.name === name)?.value;
}

/** The mounts of a RUN: `{ type: 'cache', target: '/root/.npm' }`. */
export function mountsOf({ flags }: DockerInstruction): readonly Readonly<Record<string, string>>[] {
  return flags
    .filter(({ name }) => name === 'mount')
    .map(({ value }) =>
      Object.fromEntries(
        value.split(',').map((part) => {
          const [key = '', ...rest] = part.split('=');
          return [key.trim(), rest.join('=')];
        }),
      ),
    );
}
