import type { DockerfileFacts } from './dockerfile-facts.ts';
import type { DockerfileModel, DockerInstruction } from './dockerfile-model.ts';
import type { Estimate } from './estimates.ts';

/** What a finding costs: time of builds, megabytes, safety, or a build that does not do what it says. */
export type RuleCategory = 'cache' | 'size' | 'safety' | 'correctness';

/** `error`: it fails or leaks. `warning`: it costs. `info`: it could be better. */
export type RuleSeverity = 'error' | 'warning' | 'info';

/** One thing that a Dockerfile can have wrong. */
export interface DockerfileRule {
  readonly id: string;
  readonly category: RuleCategory;
  readonly severity: RuleSeverity;
  /** What is wrong, in a few words. */
  readonly title: string;
  /** Why it matters: one sentence or two. */
  readonly reason: string;
  /** What to do: one sentence. */
  readonly fix: string;
  /** Ids of the same in hadolint (`DL3008`) and BuildKit (`JSONArgsRecommended`). */
  readonly alike: readonly string[];
  /** Whether some of its findings come with edits that cannot change what the image does. */
  readonly fixable: boolean;
  readonly check: (model: DockerfileModel, facts: DockerfileFacts) => readonly Problem[];
}

/** Where a rule does not hold. */
export interface Problem {
  /** `undefined`: the whole file. */
  readonly at: DockerInstruction | undefined;
  readonly message: string;
  /** Where it is another than the rule's. */
  readonly severity?: RuleSeverity;
  readonly estimate?: Estimate | undefined;
  /** What writes the fix: only where nothing but the fault changes. */
  readonly edits?: readonly TextEdit[] | undefined;
}

/** Replaces the text between two offsets. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}
