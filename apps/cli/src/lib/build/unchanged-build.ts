import { digestOf, jsonText } from '@mcpgen/build-cache';
import type { StepReport } from '@mcpgen/build-optimizer';
import { checkUnchanged, type KeptRecord, readBuildRecord } from '@mcpgen/cache-invalidation';
import { version } from '../version.ts';
import type { BuildRequest } from './build-request.ts';
import type { BuildResult } from './build-result.ts';
import type { DefinitionWarning } from './steps/definition-warnings.ts';

/** How the last build compares with this one. */
export type LastBuild =
  /** Nothing at all has changed: what it gave, every step fresh. */
  | { readonly unchanged: true; readonly result: BuildResult }
  /** Nothing but the contents of a few files, by the paths that the record has. */
  | {
      readonly unchanged: false;
      readonly record: KeptRecord;
      readonly summary: BuildSummary;
      readonly edited: readonly string[];
    };

/** Compares by one stat per file, and makes no step. `undefined` where more than contents changed. */
export function compareLastBuild(request: BuildRequest): LastBuild | undefined {
  const { paths, settings } = request;
  if (request.cache === 'off' || request.bases === 'look-up') return undefined;
  const record = readBuildRecord(paths.record);
  if (record === undefined) return undefined;
  const check = checkUnchanged(record, settings.directory, buildIdentity(request));
  if (check.unchanged) return { unchanged: true, result: freshResult(summaryOf(record)) };
  if (check.edited === undefined) return undefined;
  return { unchanged: false, record, summary: summaryOf(record), edited: check.edited };
}

/** Everything that is no file and changes what a build gives. Where results are kept does not. */
export function buildIdentity({ settings, config, typecheck }: BuildRequest): string {
  const { targets: _, concurrency: __, remoteCache: ___, budgets: ____, ...rest } = settings;
  const { cache: _____, budgets: ______, ...shown } = config;
  const { execPath } = process;
  // It holds values of the configuration, which are nobody else's: a digest tells as well.
  return digestOf(jsonText({ version, node: process.version, execPath, settings: rest, config: shown, typecheck }));
}

/** What the record keeps of a build. Thousands of steps are a name and the milliseconds that it saves, in turn. */
export interface BuildSummary {
  readonly result: BuildResult;
  readonly steps: readonly (string | number)[];
  readonly warnings: readonly DefinitionWarning[];
  /** What was kept for edits to build on, where all of it could be. */
  readonly kept: KeptVersions;
}

/** Versions of what an edit builds on: it holds together only if none has changed since. */
export interface KeptVersions {
  /** Of the state of all steps. */
  readonly state?: string | undefined;
  readonly plan?: string | undefined;
  /** Of what is remembered of the published server. */
  readonly published?: string | undefined;
}

export interface SummaryExtras {
  readonly warnings: readonly DefinitionWarning[];
  readonly kept: KeptVersions;
}

export function summarize(result: BuildResult, { warnings, kept }: SummaryExtras): BuildSummary {
  const steps = summarizeSteps(result.steps);
  return { result: { ...result, targets: [], steps: [], warnings: [] }, steps, warnings, kept };
}

export function summarizeSteps(steps: readonly StepReport[]): BuildSummary['steps'] {
  return steps.flatMap(({ name, duration, saved }) => [name, saved > 0 ? saved : duration]);
}

/** What the last build had to say: an edit speaks of its own steps alone, and has the last word on all else. */
function summaryOf({ summary, later }: KeptRecord): BuildSummary {
  // The record's seal and identity vouch for what `summarize` gave.
  const [first, ...edits] = [summary, ...later] as readonly [BuildSummary, ...BuildSummary[]];
  const last = edits.at(-1);
  if (last === undefined) return first;
  const durations = new Map(edits.flatMap(({ steps }) => stepDurations(steps)));
  const steps = stepDurations(first.steps).flatMap(([name, saved]) => [name, durations.get(name) ?? saved]);
  return { ...last, steps };
}

function stepDurations(steps: BuildSummary['steps']): (readonly [name: string, saved: number])[] {
  const pairs: (readonly [string, number])[] = [];
  for (let at = 0; at < steps.length; at += 2) pairs.push([String(steps[at]), Number(steps[at + 1])]);
  return pairs;
}

/** What a build gave, its steps as if all were fresh. */
export function freshResult({ result, steps, warnings }: BuildSummary): BuildResult {
  const reports = stepDurations(steps).map(([name, saved]) => freshReport(name, saved));
  return { ...result, steps: reports, warnings: warnings.map(({ message }) => message) };
}

function freshReport(name: string, saved: number): StepReport {
  return { name, outcome: 'fresh', reason: 'nothing changed', duration: 0, start: 0, queued: 0, saved, needs: [] };
}
