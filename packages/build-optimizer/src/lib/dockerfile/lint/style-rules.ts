import type { DockerfileModel, DockerInstruction } from './dockerfile-model.ts';
import type { DockerfileRule, TextEdit } from './dockerfile-rule.ts';

const maintainer: DockerfileRule = {
  id: 'maintainer-deprecated',
  category: 'correctness',
  severity: 'info',
  title: 'MAINTAINER is deprecated',
  reason: 'A label says the same, and tools read it.',
  fix: 'Write LABEL org.opencontainers.image.authors="…".',
  alike: ['DL4000', 'MaintainerDeprecated'],
  fixable: true,
  check: ({ instructions, text }) =>
    instructions
      .filter(({ keyword, onbuild }) => keyword === 'MAINTAINER' && !onbuild)
      .map((at) => ({ at, message: 'MAINTAINER may go away', edits: labelEdit(text, at) })),
};

function labelEdit(text: string, { start, argsStart, end }: DockerInstruction): readonly TextEdit[] | undefined {
  const value = text
    .slice(argsStart, end)
    .trim()
    .replace(/^"([^"]*)"$/, '$1');
  if (value === '' || /["\\$`\n]/.test(value)) return undefined;
  return [{ start, end, text: `LABEL org.opencontainers.image.authors="${value}"` }];
}

const legacyPair: DockerfileRule = {
  id: 'legacy-env',
  category: 'correctness',
  severity: 'info',
  title: 'ENV or LABEL without =',
  reason: 'The old form takes the rest of the line, quotes and all, and may go away.',
  fix: 'Write ENV NAME="value".',
  alike: ['LegacyKeyValueFormat'],
  fixable: true,
  check: ({ instructions, text }) =>
    instructions
      .filter(({ keyword, words: [first = '='] }) => (keyword === 'ENV' || keyword === 'LABEL') && !first.includes('='))
      .map((at) => ({
        at,
        message: `${at.keyword} ${at.words[0]} is written in the old form`,
        edits: pairEdit(text, at),
      })),
};

function pairEdit(text: string, { argsStart, end, onbuild }: DockerInstruction): readonly TextEdit[] | undefined {
  const [, name, value] = /^(\w[\w.-]*)[ \t]+(.*\S)\s*$/.exec(text.slice(argsStart, end)) ?? [];
  if (name === undefined || value === undefined || onbuild || /["'\\`]/.test(value)) return undefined;
  return [{ start: argsStart, end, text: /^[\w./:@$-]+$/.test(value) ? `${name}=${value}` : `${name}="${value}"` }];
}

const fromAsCasing: DockerfileRule = {
  id: 'from-as-casing',
  category: 'correctness',
  severity: 'info',
  title: 'FROM and as in different case',
  reason: 'It is easily read past.',
  fix: 'Write FROM … AS ….',
  alike: ['FromAsCasing'],
  fixable: true,
  check: (model) =>
    model.stages.flatMap(({ from }) => {
      const as = from.words[1] ?? '';
      const wanted = from.written === 'FROM' ? 'AS' : 'as';
      if (as.toUpperCase() !== 'AS' || as === wanted || !/^(FROM|from)$/.test(from.written)) return [];
      return [{ at: from, message: `"${as}" stands beside "${from.written}"`, edits: asEdit(model, from, wanted) }];
    }),
};

function asEdit({ text }: DockerfileModel, from: DockerInstruction, wanted: string): readonly TextEdit[] | undefined {
  const found = /^(\S+[ \t]+)as[ \t]/i.exec(text.slice(from.argsStart, from.end));
  if (found === null) return undefined;
  const start = from.argsStart + (found[1]?.length ?? 0);
  return [{ start, end: start + 2, text: wanted }];
}

const userByName: DockerfileRule = {
  id: 'user-by-name',
  category: 'safety',
  severity: 'info',
  title: 'USER is a name',
  reason: 'Kubernetes cannot tell that a name is not root: runAsNonRoot refuses the image.',
  fix: 'Write its number: USER 1000 for node.',
  alike: [],
  fixable: false,
  check: ({ stages }) => {
    const user = stages.at(-1)?.instructions.findLast(({ keyword, onbuild }) => keyword === 'USER' && !onbuild);
    const name = user?.words[0] ?? '';
    if (user === undefined || /^(\d+(:|$)|\$|root(:|$))/.test(name) || name === '') return [];
    return [{ at: user, message: `"${name}" is only a name` }];
  },
};

export const styleRules: readonly DockerfileRule[] = [maintainer, legacyPair, fromAsCasing, userByName];
