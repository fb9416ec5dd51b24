import type { BuildResult as StepsResult } from '@mcpgen/build-optimizer';
import type { OutputFact, StepState } from '@mcpgen/cache-invalidation';
import type { BuildRequest } from './build-request.ts';
import type { ImageResult } from './build-result.ts';
import type { DefinitionWarning } from './steps/definition-warnings.ts';

/** What these steps wrote. */
export function writtenBy(
  steps: readonly string[],
  state: ReadonlyMap<string, Pick<StepState, 'outputs'>>,
): readonly OutputFact[] {
  return steps.flatMap((step) => state.get(step)?.outputs ?? []);
}

/** The value of the image step, through the cache and back. */
export function imageOf({ paths }: BuildRequest, { outputs }: Pick<StepsResult, 'outputs'>): ImageResult | undefined {
  const output = outputs.get('image');
  if (output === undefined) return undefined;
  return { directory: paths.image, ...(output.value as Omit<ImageResult, 'directory'>) };
}

/** The value of the typecheck step: what the compiler read, absolute. */
export function programOf({ outputs }: Pick<StepsResult, 'outputs'>): readonly string[] {
  return (outputs.get('typecheck')?.value ?? []) as readonly string[];
}

/** What was said when a definition was described is not said again with each later build. */
export function tellNew(warnings: readonly DefinitionWarning[], { onEvent }: Pick<BuildRequest, 'onEvent'>): void {
  for (const { known, message } of warnings) if (!known) onEvent({ type: 'warning', message });
}

/** Names of the steps that write the image. */
export function imageSteps(steps: readonly { readonly name: string }[]): readonly string[] {
  return steps.flatMap(({ name }) => (writesImage(name) ? [name] : []));
}

export function writesImage(step: string): boolean {
  return /^(layer:|image$)/.test(step);
}
