import type { BuildResult } from '@mcpgen/build-optimizer';
import type { Source } from '@mcpgen/generator';
import { describeStepName, descriptionIn } from './describe-step.ts';

/** What is to be said of a definition, and whether its step made it anew or found it as the last build did. */
export interface DefinitionWarning {
  readonly file: string;
  readonly message: string;
  readonly known: boolean;
}

/** The warnings of these definitions, in their order. */
export function definitionWarnings(
  sources: readonly Source[],
  { outputs, reports }: Pick<BuildResult, 'outputs' | 'reports'>,
): readonly DefinitionWarning[] {
  const fresh = new Set(reports.flatMap(({ name, outcome }) => (outcome === 'fresh' ? [name] : [])));
  return sources.flatMap((source) => {
    const { file } = source;
    const step = describeStepName(source);
    const { warnings } = descriptionIn(outputs, step);
    return warnings.map((warning) => ({ file, message: `${file}: ${warning}`, known: fresh.has(step) }));
  });
}
