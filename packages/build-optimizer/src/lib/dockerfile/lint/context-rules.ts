import { dockerignoreFilter } from '../check-dockerignore.ts';
import { copiedPaths, copiesContext } from './copied-paths.ts';
import type { DockerfileRule } from './dockerfile-rule.ts';
import { isSecretFile } from './secret-names.ts';

const contextNotIgnored: DockerfileRule = {
  id: 'context-not-ignored',
  category: 'size',
  severity: 'warning',
  title: 'The .dockerignore lets in what no image needs',
  reason: 'It is sent to the builder, and each change of it spoils the layer of COPY . and all that follow.',
  fix: 'Write a .dockerignore: "mcpgen dockerfile --ignore-file" prints one.',
  alike: [],
  fixable: false,
  check: ({ instructions }, { known, ignoreFile, entries }) => {
    const at = instructions.find(copiesContext);
    if (!known || at === undefined) return [];
    const isLeftOut = dockerignoreFilter(ignoreFile ?? '');
    const letIn = entries.filter(({ path }) => UNWANTED.has(path) && !isLeftOut(path));
    return letIn.map(({ path, bytes, more }) => ({
      at,
      message: `"${path}" is copied: ${ignoreFile === undefined ? 'there is no .dockerignore' : 'the .dockerignore does not name it'}`,
      estimate: {
        amount: Math.ceil(bytes / 1_000_000),
        unit: 'megabytes' as const,
        basis: `what ${path} holds here${more ? ', as far as it was counted' : ''}`,
      },
    }));
  },
};

const UNWANTED: ReadonlySet<string> = new Set(['.git', 'node_modules', 'coverage', '.turbo', '.next', '.cache']);

const secretNotIgnored: DockerfileRule = {
  id: 'secret-not-ignored',
  category: 'safety',
  severity: 'error',
  title: 'The .dockerignore lets in a file with secrets',
  reason: 'COPY . takes it into a layer and into the cache of the builder.',
  fix: 'Name it in the .dockerignore: "mcpgen dockerfile --ignore-file" prints one that does.',
  alike: [],
  fixable: false,
  check: ({ instructions }, { known, ignoreFile, entries }) => {
    const at = instructions.find(copiesContext);
    if (!known || at === undefined) return [];
    const isLeftOut = dockerignoreFilter(ignoreFile ?? '');
    return entries
      .filter(({ path }) => isSecretFile(path) && !isLeftOut(path))
      .map(({ path }) => ({ at, message: `"${path}" is copied with the rest of the context` }));
  },
};

const copyIgnored: DockerfileRule = {
  id: 'copy-ignored',
  category: 'correctness',
  severity: 'error',
  title: 'COPY of what the .dockerignore leaves out',
  reason: 'The builder does not have the file: the build ends here.',
  fix: 'Take it out of the .dockerignore, or bring it back with ! in a later line.',
  alike: ['CopyIgnoredFile'],
  fixable: false,
  check: ({ instructions }, { known, ignoreFile }) => {
    if (!known || ignoreFile === undefined) return [];
    const isLeftOut = dockerignoreFilter(ignoreFile);
    // What is brought back below a directory that is left out is not told by the name of the directory.
    const bringsBack = ignoreFile.split('\n').some((line) => line.startsWith('!'));
    return instructions.flatMap((at) => {
      const paths = copiedPaths(at);
      const path = paths?.sources.find((source) => {
        const plain = source.replace(/^\.?\//, '').replace(/\/$/, '');
        return /^[\w./@-]+$/.test(plain) && !/^\.*$/.test(plain) && !plain.includes('..') && isLeftOut(plain);
      });
      if (paths?.from !== undefined || path === undefined || bringsBack) return [];
      return [{ at, message: `"${path}" is left out by the .dockerignore` }];
    });
  },
};

/** What only shows beside a Dockerfile: in its context and its .dockerignore. */
export const contextRules: readonly DockerfileRule[] = [contextNotIgnored, secretNotIgnored, copyIgnored];
