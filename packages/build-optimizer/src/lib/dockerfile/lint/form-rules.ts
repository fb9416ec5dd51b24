import { copiedPaths, resolveIn, workingDirectories } from './copied-paths.ts';
import { stageChain } from './dockerfile-model.ts';
import type { DockerfileRule, Problem } from './dockerfile-rule.ts';

const KEYWORDS = new Set([
  'ADD',
  'ARG',
  'CMD',
  'COPY',
  'ENTRYPOINT',
  'ENV',
  'EXPOSE',
  'FROM',
  'HEALTHCHECK',
  'LABEL',
  'MAINTAINER',
  'ONBUILD',
  'RUN',
  'SHELL',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
]);

const unknownInstruction: DockerfileRule = {
  id: 'unknown-instruction',
  category: 'correctness',
  severity: 'error',
  title: 'No such instruction',
  reason: 'The build ends here.',
  fix: 'Correct the word, or end the line before with a backslash.',
  alike: [],
  fixable: false,
  check: ({ instructions }) =>
    instructions
      .filter(({ keyword }) => !KEYWORDS.has(keyword))
      .map((at) => ({ at, message: `"${at.written.slice(0, 40)}" is no instruction` })),
};

const fromMissing: DockerfileRule = {
  id: 'from-missing',
  category: 'correctness',
  severity: 'error',
  title: 'No FROM, or something before it',
  reason: 'A Dockerfile begins with FROM; only ARG may stand before it.',
  fix: 'Begin with FROM and the base.',
  alike: ['DL3061'],
  fixable: false,
  check: ({ stages, globals }) => {
    if (stages.length === 0) return [{ at: globals[0], message: 'There is no FROM: nothing can be built' }];
    return globals
      .filter(({ keyword }) => keyword !== 'ARG' && KEYWORDS.has(keyword))
      .slice(0, 1)
      .map((at) => ({ at, message: `${at.keyword} stands before the first FROM` }));
  },
};

const stageNames: DockerfileRule = {
  id: 'duplicate-stage',
  category: 'correctness',
  severity: 'error',
  title: 'Two stages have one name',
  reason: 'What takes from that name takes from the later one.',
  fix: 'Give each stage a name of its own.',
  alike: ['DL3024', 'DuplicateStageName'],
  fixable: false,
  check: ({ stages }) =>
    stages.flatMap((stage) => {
      const first = stages.find(({ name }) => name !== undefined && name === stage.name);
      if (first === undefined || first === stage) return [];
      return [{ at: stage.from, message: `"${stage.name}" is the name of the stage in line ${first.from.line}, too` }];
    }),
};

const stageMissing: DockerfileRule = {
  id: 'stage-missing',
  category: 'correctness',
  severity: 'error',
  title: 'COPY --from names no earlier stage',
  reason: 'A number counts stages from 0, and a stage can take only from those before it.',
  fix: 'Name an earlier stage, or an image.',
  alike: ['DL3022', 'DL3023'],
  fixable: false,
  check: ({ stages }) =>
    stages.flatMap((stage) =>
      stage.instructions.flatMap((at): readonly Problem[] => {
        const from = copiedPaths(at)?.from?.toLowerCase();
        if (from === undefined || at.onbuild) return [];
        const isSelf = from === stage.name && !stages.some(({ name, index }) => name === from && index < stage.index);
        const isLater = /^\d{1,4}$/.test(from) && Number(from) >= stage.index;
        if (!isSelf && !isLater) return [];
        return [
          {
            at,
            message: `--from=${from} is ${isSelf || Number(from) === stage.index ? 'this very stage' : 'no stage before this one'}`,
          },
        ];
      }),
    ),
};

const workdirRelative: DockerfileRule = {
  id: 'workdir-relative',
  category: 'correctness',
  severity: 'warning',
  title: 'WORKDIR is relative',
  reason: 'It lies below whatever the base has as its own, which may change with the base.',
  fix: 'Write the whole path: WORKDIR /app.',
  alike: ['DL3000', 'WorkdirRelativePath'],
  fixable: true,
  check: ({ stages }) =>
    stages.flatMap((stage) => {
      const directories = workingDirectories(stageChain(stage).flatMap(({ instructions }) => instructions));
      return stage.instructions.flatMap((at): readonly Problem[] => {
        const path = at.words.join(' ');
        if (at.keyword !== 'WORKDIR' || at.onbuild || /^([/$]|[A-Za-z]:|\\)/.test(path) || path === '') return [];
        const whole = resolveIn(directories.get(at), path);
        if (whole === undefined) return [{ at, message: `"${path}" lies below the directory of the base` }];
        const isPlain = /^[\w./-]+$/.test(path) && at.end - at.argsStart === path.length;
        const edits = isPlain ? [{ start: at.argsStart, end: at.end, text: whole }] : undefined;
        return [{ at, message: `"${path}" is "${whole}"`, severity: 'info', edits }];
      });
    }),
};

const workdirMissing: DockerfileRule = {
  id: 'workdir-missing',
  category: 'correctness',
  severity: 'warning',
  title: 'Files are copied to a relative path without a WORKDIR',
  reason: 'They land in the directory of the base, which for most is /: among the files of the system.',
  fix: 'Write WORKDIR /app before.',
  alike: ['DL3045'],
  fixable: false,
  check: ({ stages }) =>
    stages.flatMap((stage) => {
      const instructions = stageChain(stage).flatMap((one) => one.instructions);
      const first = instructions.findIndex(({ keyword }) => keyword === 'WORKDIR');
      const bare = first === -1 ? instructions : instructions.slice(0, first);
      const at = bare.find((one) => {
        const target = one.onbuild ? undefined : copiedPaths(one)?.target;
        return target !== undefined && !/^([/$]|[A-Za-z]:|\\)/.test(target);
      });
      return at === undefined || !stage.instructions.includes(at)
        ? []
        : [{ at, message: `"${copiedPaths(at)?.target}" is where the base says` }];
    }),
};

const addLocal: DockerfileRule = {
  id: 'add-local',
  category: 'correctness',
  severity: 'info',
  title: 'ADD where COPY does',
  reason: 'ADD unpacks archives and fetches addresses: who reads it must think which.',
  fix: 'Write COPY.',
  alike: ['DL3020'],
  fixable: true,
  check: ({ instructions }) =>
    instructions.flatMap((at): readonly Problem[] => {
      const paths = at.keyword === 'ADD' ? copiedPaths(at) : undefined;
      const isLocal =
        paths?.sources.every((source) => !/[:*?[$]|\.(tar|t?gz|bz2|tbz2?|xz|txz|zst|lzma)$|^git@/i.test(source)) ??
        false;
      if (paths === undefined || !isLocal || paths.sources.length === 0) return [];
      // A name without an ending may be an archive.
      const isTold = paths.sources.every((source) => /(^|\/)\.?$|\/$|\.[A-Za-z]\w{0,5}$/.test(source));
      const hasFlags = at.flags.some(({ name }) => !['chown', 'chmod', 'link'].includes(name));
      const isPlain = at.written.length === 3 && !at.onbuild;
      const edits =
        isTold && !hasFlags && isPlain
          ? [{ start: at.start, end: at.start + 3, text: at.written === 'add' ? 'copy' : 'COPY' }]
          : undefined;
      return [{ at, message: 'Nothing here is an archive or an address', edits }];
    }),
};

export const formRules: readonly DockerfileRule[] = [
  unknownInstruction,
  fromMissing,
  stageNames,
  stageMissing,
  workdirRelative,
  workdirMissing,
  addLocal,
];
