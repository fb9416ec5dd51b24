import type { ValidationIssue } from '../catalogue/manifest.ts';

/** Thrown by handlers that find out themselves that their input is wrong: those that run elsewhere. */
export class InvalidInput extends Error {
  readonly issues: readonly ValidationIssue[];

  constructor(issues: readonly ValidationIssue[]) {
    super('Invalid input');
    this.issues = issues;
  }
}
