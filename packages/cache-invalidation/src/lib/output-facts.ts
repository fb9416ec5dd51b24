import { lstatSync } from 'node:fs';
import { type FileFacts, factsOf, sameFacts } from '@mcpgen/build-cache';

/** An output as the step left it. */
export interface OutputFact extends FileFacts {
  /** Relative to the step's directory. */
  readonly path: string;
}

/** What the file system says of a step's outputs now. Throws where one is missing. */
export function readOutputFacts(directory: string, files: readonly string[]): OutputFact[] {
  return files.map((path) => ({ path, ...factsOf(lstatSync(`${directory}/${path}`)) }));
}

/** Whether all outputs lie where the step left them, untouched since. One stat each; links are not followed. */
export function outputsInPlace(directory: string, facts: readonly OutputFact[]): boolean {
  return findMovedOutput(directory, facts) === undefined;
}

/** The first output that is not as the step left it. */
export interface MovedOutput {
  readonly path: string;
  readonly state: 'gone' | 'changed';
}

/** Finds it by one stat each; links are not followed. */
export function findMovedOutput(directory: string, facts: readonly OutputFact[]): MovedOutput | undefined {
  for (const fact of facts) {
    const stats = lstatSync(`${directory}/${fact.path}`, { throwIfNoEntry: false });
    if (stats === undefined) return { path: fact.path, state: 'gone' };
    if (!sameFacts(fact, factsOf(stats))) return { path: fact.path, state: 'changed' };
  }
  return undefined;
}
