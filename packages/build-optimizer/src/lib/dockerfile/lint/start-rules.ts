import type { DockerfileModel, DockerInstruction } from './dockerfile-model.ts';
import { chainInstructions, finalInstructions, finalStage } from './dockerfile-model.ts';
import type { DockerfileRule, Problem, TextEdit } from './dockerfile-rule.ts';
import { lineEdit } from './line-edit.ts';

const shellForm: DockerfileRule = {
  id: 'shell-form-command',
  category: 'correctness',
  severity: 'warning',
  title: 'CMD or ENTRYPOINT in shell form',
  reason: 'A shell is process 1: the program does not get SIGTERM, and is killed after ten seconds of waiting.',
  fix: 'Write a JSON list: CMD ["node", "server.js"].',
  alike: ['DL3025', 'JSONArgsRecommended'],
  fixable: true,
  check: (model) =>
    model.stages.flatMap((stage) => {
      const chain = chainInstructions(stage);
      if (chain.some(({ keyword }) => keyword === 'SHELL')) return [];
      return (
        stage.instructions
          .filter(
            ({ keyword, json, onbuild, words }) =>
              isStart(keyword) && json === undefined && !onbuild && words.length > 0,
          )
          // Who writes exec has no shell left.
          .filter(({ words }) => words[0] !== 'exec')
          .map((at) => ({ at, message: `A shell starts what ${at.keyword} names`, edits: execForm(model, at, chain) }))
      );
    }),
};

function isStart(keyword: string): boolean {
  return keyword === 'CMD' || keyword === 'ENTRYPOINT';
}

const BUILTINS = new Set([
  'cd',
  'export',
  'exec',
  'source',
  '.',
  'set',
  'eval',
  'trap',
  'ulimit',
  'umask',
  'alias',
  'wait',
]);

/** Only words that no shell would touch; and a CMD only where no ENTRYPOINT takes it as its arguments. */
function execForm(
  { text }: DockerfileModel,
  at: DockerInstruction,
  chain: readonly DockerInstruction[],
): readonly TextEdit[] | undefined {
  const [command, ...more] = at.commands;
  const other = chain.some(({ keyword }) => keyword === (at.keyword === 'CMD' ? 'ENTRYPOINT' : 'CMD'));
  if (command === undefined || more.length > 0 || other || BUILTINS.has(command.name)) return undefined;
  const words = [command.program, ...command.args];
  const source = text.slice(at.argsStart, at.end).trimEnd();
  const isPlain =
    words.every(({ plain }) => plain) && words.map((word) => word.text).join(' ') === source.replaceAll(/ +/g, ' ');
  if (!isPlain || /[^\w ./:=@+,-]/.test(source)) return undefined;
  const list = words.map((word) => JSON.stringify(word.text)).join(', ');
  return [{ start: at.argsStart, end: at.argsStart + source.length, text: `[${list}]` }];
}

const packageManagerStarts: DockerfileRule = {
  id: 'package-manager-starts',
  category: 'correctness',
  severity: 'warning',
  title: 'npm, yarn or pnpm starts the program',
  reason: 'It stays as process 1 and as memory, and whether the program hears SIGTERM depends on its version.',
  fix: 'Start the program itself: CMD ["node", "dist/index.js"].',
  alike: [],
  fixable: false,
  check: (model) => {
    const instructions = finalInstructions(model);
    const at =
      instructions.findLast(({ keyword }) => keyword === 'CMD') ??
      instructions.findLast(({ keyword }) => keyword === 'ENTRYPOINT');
    const [command] = at?.commands ?? [];
    if (at === undefined || command === undefined || !/^(npm|npx|yarn|pnpm)$/.test(command.name)) return [];
    return [{ at, message: `"${command.name}" is between Docker and the program` }];
  },
};

const multipleCommands: DockerfileRule = {
  id: 'multiple-commands',
  category: 'correctness',
  severity: 'warning',
  title: 'Several CMD, ENTRYPOINT or HEALTHCHECK in one stage',
  reason: 'Only the last one counts.',
  fix: 'Remove the others.',
  alike: ['DL4003', 'DL4004', 'DL3012', 'MultipleInstructionsDisallowed'],
  fixable: true,
  check: (model) =>
    model.stages.flatMap(({ instructions }) =>
      ['CMD', 'ENTRYPOINT', 'HEALTHCHECK'].flatMap((keyword): readonly Problem[] => {
        const same = instructions.filter((instruction) => instruction.keyword === keyword && !instruction.onbuild);
        const last = same.at(-1);
        return same.slice(0, -1).map((at) => ({
          at,
          message: `The ${keyword} in line ${last?.line} replaces this one`,
          edits: lineEdit(model.text, at),
        }));
      }),
    ),
};

const healthcheckMissing: DockerfileRule = {
  id: 'healthcheck-missing',
  category: 'correctness',
  severity: 'info',
  title: 'No HEALTHCHECK',
  reason: 'Docker and Compose take a program that hangs for one that serves. Kubernetes has probes of its own.',
  fix: 'Add HEALTHCHECK CMD with a request to the program, by itself where the image has no curl.',
  alike: ['DL3057'],
  fixable: false,
  check: (model) => {
    const instructions = finalInstructions(model);
    const serves = instructions.find(({ keyword }) => keyword === 'EXPOSE');
    if (serves === undefined || instructions.some(({ keyword }) => keyword === 'HEALTHCHECK')) return [];
    return [{ at: serves, message: 'The image serves, and nothing says how to see that it is well' }];
  },
};

const exposeMissing: DockerfileRule = {
  id: 'expose-missing',
  category: 'correctness',
  severity: 'info',
  title: 'No EXPOSE',
  reason: 'It opens no port, but tells people and tools which one the program listens on.',
  fix: 'Add EXPOSE with the port.',
  alike: [],
  fixable: false,
  check: (model) => {
    const instructions = finalInstructions(model);
    const port = instructions.find(
      ({ keyword, pairs }) => keyword === 'ENV' && pairs.some(({ name }) => name === 'PORT'),
    );
    if (port === undefined || instructions.some(({ keyword }) => keyword === 'EXPOSE')) return [];
    return [{ at: port, message: 'PORT is set, and no EXPOSE tells which port it is' }];
  },
};

const exposeInvalid: DockerfileRule = {
  id: 'expose-invalid',
  category: 'correctness',
  severity: 'error',
  title: 'EXPOSE names no port',
  reason: 'Ports are numbers up to 65535, or ranges of them, with tcp, udp or sctp.',
  fix: 'Write EXPOSE 3000 or EXPOSE 53/udp.',
  alike: ['DL3011', 'ExposeInvalidFormat', 'ExposeProtoCasing'],
  fixable: false,
  check: ({ instructions }) =>
    instructions.flatMap((at) => {
      if (at.keyword !== 'EXPOSE') return [];
      const wrong = at.words.find((word) => !word.includes('$') && !isPort(word));
      return wrong === undefined ? [] : [{ at, message: `"${wrong}" is no port` }];
    }),
};

function isPort(word: string): boolean {
  const [, low, high] = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(?:tcp|udp|sctp))?$/i.exec(word) ?? [];
  return low !== undefined && Number(low) <= 65_535 && Number(high ?? low) <= 65_535;
}

const nodeEnvMissing: DockerfileRule = {
  id: 'node-env-missing',
  category: 'correctness',
  severity: 'info',
  title: 'Node runs without NODE_ENV=production',
  reason: 'Express, React and many others do more work and say more about errors without it.',
  fix: 'Add ENV NODE_ENV=production to the stage that runs.',
  alike: [],
  fixable: false,
  check: (model) => {
    const instructions = finalInstructions(model);
    const at = instructions.findLast(
      ({ keyword, commands: [first] }) => isStart(keyword) && first?.name === 'node' && first.args.length > 0,
    );
    const isSet = instructions.some(({ pairs }) => pairs.some(({ name }) => name === 'NODE_ENV'));
    if (at === undefined || isSet || finalStage(model) === undefined) return [];
    return [{ at, message: 'Nothing sets NODE_ENV in the image that runs' }];
  },
};

export const startRules: readonly DockerfileRule[] = [
  shellForm,
  packageManagerStarts,
  multipleCommands,
  healthcheckMissing,
  exposeMissing,
  exposeInvalid,
  nodeEnvMissing,
];
