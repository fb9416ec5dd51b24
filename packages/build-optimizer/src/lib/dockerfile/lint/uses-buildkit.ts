import type { DockerfileModel } from './dockerfile-model.ts';

/** Whether a file has what only BuildKit reads: then nothing is lost by adding more of it. */
export function usesBuildKit({ syntax, instructions }: DockerfileModel): boolean {
  if (syntax !== undefined) return true;
  return instructions.some(
    ({ flags, heredocs }) =>
      heredocs.length > 0 || flags.some(({ name }) => ['mount', 'link', 'security', 'network'].includes(name)),
  );
}
