import { type DockerfileModel, type DockerInstruction, type DockerStage, stageChain } from './dockerfile-model.ts';
import type { Problem } from './dockerfile-rule.ts';
import { isDependencyInstall } from './package-commands.ts';
import { usesBuildKit } from './uses-buildkit.ts';

/** Adds a cache mount: only for npm run by root, whose cache is where it always is, and where the file needs BuildKit anyway. */
export function cacheMountEdit(model: DockerfileModel, stage: DockerStage, run: DockerInstruction): Problem['edits'] {
  const before = stageChain(stage).flatMap((one) => one.instructions);
  const earlier = before.slice(0, before.indexOf(run));
  const isRoot = !earlier.some(({ keyword }) => keyword === 'USER');
  const movesCache = earlier.some(({ pairs }) => pairs.some(({ name }) => /^(HOME|npm_config_cache)$/i.test(name)));
  const managers = new Set(run.commands.filter(isDependencyInstall).map(({ name }) => name));
  const isNpm = managers.size === 1 && managers.has('npm') && !run.commands.some(({ sudo }) => sudo);
  const pinned = /^docker\/dockerfile:1\.[01](\.|$)/.test(model.syntax ?? '');
  if (!isNpm || !isRoot || movesCache || pinned || run.json !== undefined || !usesBuildKit(model)) return undefined;
  return [{ start: run.argsStart, end: run.argsStart, text: '--mount=type=cache,target=/root/.npm ' }];
}
