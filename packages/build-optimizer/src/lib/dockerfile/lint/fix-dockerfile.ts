import type { TextEdit } from './dockerfile-rule.ts';
import { type DockerfileFinding, findProblems, type LintOptions } from './lint-dockerfile.ts';

export interface FixedDockerfile {
  readonly text: string;
  /** What was mended, in the order in which it was found. */
  readonly fixed: readonly DockerfileFinding[];
}

/** A fix may make room for another: a few rounds come to rest. */
const ROUNDS = 10;

/**
 * Writes the fixes that change nothing but the fault: comments and formatting stay as they are, and a second run changes
 * nothing.
 *
 * @throws DockerfileError for a text that is too long to be a Dockerfile.
 */
export function fixDockerfile(text: string, options: LintOptions = {}): FixedDockerfile {
  const fixed: DockerfileFinding[] = [];
  let current = text;
  for (let round = 0; round < ROUNDS; round++) {
    const chosen: TextEdit[] = [];
    for (const { finding, edits } of findProblems(current, options)) {
      if (edits === undefined || edits.some((edit) => chosen.some((other) => overlaps(edit, other)))) continue;
      chosen.push(...edits);
      fixed.push(finding);
    }
    if (chosen.length === 0) break;
    current = applyEdits(current, chosen);
  }
  return { text: current, fixed };
}

function overlaps(a: TextEdit, b: TextEdit): boolean {
  return a.start <= b.end && b.start <= a.end;
}

function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { start, end, text: replacement } of edits.toSorted((a, b) => a.start - b.start)) {
    parts.push(text.slice(at, start), replacement);
    at = end;
  }
  parts.push(text.slice(at));
  return parts.join('');
}
