import { type DockerfileFacts, NO_FACTS } from './dockerfile-facts.ts';
import type { DockerfileModel } from './dockerfile-model.ts';
import type { DockerfileRule, RuleCategory, RuleSeverity, TextEdit } from './dockerfile-rule.ts';
import { dockerfileRules } from './dockerfile-rules.ts';
import type { Estimate } from './estimates.ts';
import { parseDockerfile } from './parse-dockerfile.ts';

/** One thing to be said about a Dockerfile. */
export interface DockerfileFinding {
  /** Id of the rule. */
  readonly rule: string;
  readonly category: RuleCategory;
  readonly severity: RuleSeverity;
  /** From 1. */
  readonly line: number;
  readonly endLine: number;
  readonly column: number;
  /** What is there. */
  readonly message: string;
  /** Why it matters. */
  readonly reason: string;
  /** What to do. */
  readonly fix: string;
  /** About how much it costs, where that was measured. */
  readonly estimate?: Estimate;
  /** Whether `fixDockerfile` writes the fix. */
  readonly fixable: boolean;
}

export interface LintOptions {
  /** What lies around the file: `readDockerfileFacts`. Default: nothing is known. */
  readonly facts?: DockerfileFacts;
  /** Ids of rules to pass over. */
  readonly ignore?: readonly string[];
}

/**
 * Says what in a Dockerfile breaks caching, bloats the image or is unsafe; by line, then by rule. Pure: it reads nothing.
 *
 * A comment `# lint-ignore rule-id` before an instruction passes over that rule there, as do `# hadolint ignore=DL3008` and
 * BuildKit's `# check=skip=…` for the rules that are alike.
 *
 * @throws DockerfileError for a text that is too long to be a Dockerfile.
 */
export function lintDockerfile(text: string, options: LintOptions = {}): readonly DockerfileFinding[] {
  return findProblems(text, options).map(({ finding }) => finding);
}

/** A finding with what would write its fix. */
export interface FoundProblem {
  readonly finding: DockerfileFinding;
  readonly edits: readonly TextEdit[] | undefined;
}

export function findProblems(text: string, { facts = NO_FACTS, ignore = [] }: LintOptions): readonly FoundProblem[] {
  const model = parseDockerfile(text);
  const isIgnored = ignoredIn(model);
  return dockerfileRules
    .filter(({ id }) => !ignore.includes(id))
    .flatMap((rule) => rule.check(model, facts).map((problem) => toFound(rule, problem)))
    .filter(({ finding, rule }) => !isIgnored(rule, finding.line))
    .sort((a, b) => a.finding.line - b.finding.line || (a.finding.rule < b.finding.rule ? -1 : 1));
}

function toFound(
  rule: DockerfileRule,
  { at, message, severity = rule.severity, estimate, edits }: ReturnType<DockerfileRule['check']>[number],
) {
  const { id, category, reason, fix } = rule;
  const finding: DockerfileFinding = {
    rule: id,
    category,
    severity,
    line: at?.line ?? 1,
    endLine: at?.endLine ?? 1,
    column: at?.column ?? 1,
    message,
    reason,
    fix,
    ...(estimate === undefined ? {} : { estimate }),
    fixable: edits !== undefined,
  };
  return { rule, finding, edits };
}

/** Comments that pass over rules: for the instruction that follows, or the whole file. */
function ignoredIn({ comments, instructions, text }: DockerfileModel): (rule: DockerfileRule, line: number) => boolean {
  const everywhere = new Set<string>();
  const byLine = new Map<number, Set<string>>();
  const skip = /^#\s*check\s*=\s*skip=([\w,;= -]+)/im.exec(text)?.[1] ?? '';
  for (const id of skip.split(/[,;]/)) everywhere.add(id.trim());
  for (const { line, text: comment } of comments) {
    const [, global = '', ids = ''] =
      /^(?:hadolint\s+(global\s+)?ignore\s*=|lint-ignore\s)\s*([\w, -]+)/i.exec(comment.trim()) ?? [];
    const target = instructions.find((instruction) => instruction.line > line)?.line ?? 0;
    for (const id of ids.split(/[\s,]+/).filter((word) => word !== '')) {
      if (global !== '') everywhere.add(id);
      else byLine.set(target, (byLine.get(target) ?? new Set()).add(id));
    }
  }
  return ({ id, alike }, line) =>
    [id, ...alike].some((name) => everywhere.has(name) || (byLine.get(line)?.has(name) ?? false));
}
