import { changeBuildRecord, type OutputFact, type RecordChange, watchFiles } from '@mcpgen/cache-invalidation';
import type { BuildRequest } from '../build-request.ts';
import type { BuildResult } from '../build-result.ts';
import type { PublishedEdit } from '../publish/publish-server.ts';
import type { StepsResult } from '../run-steps.ts';
import { imageSteps, writtenBy } from '../step-results.ts';
import type { DefinitionWarning } from '../steps/definition-warnings.ts';
import { summarize, summarizeSteps } from '../unchanged-build.ts';
import type { EditPlan } from './plan-edit.ts';

/** What a build after an edit gave. */
export interface EditFacts {
  readonly plan: EditPlan;
  readonly run: StepsResult;
  readonly published: PublishedEdit;
  readonly result: BuildResult;
  readonly warnings: readonly DefinitionWarning[];
}

/** Keeps what the next build needs: all that this one did not look at is as the last record says. */
export function rememberEdit(request: BuildRequest, { plan, run, published, result, warnings }: EditFacts): void {
  const { paths, settings } = request;
  const { edit, statCache, state } = plan;
  const files = watchFiles(statCache, settings.directory, edit.edited);
  // What else the compiler reads now is not watched yet: the next build is a whole one.
  const sameProgram = run.outputs.get('typecheck')?.digest === state.get('typecheck')?.output;
  if (files === undefined || !sameProgram) return;
  const kept = { state: run.stateVersion, plan: plan.kept.plan, published: published.version };
  const summary = summarize(result, { warnings, kept });
  changeBuildRecord(paths.record, edit.record, {
    files,
    outputs: [
      { directory: paths.server, facts: published.files.map(({ target }) => target), gone: published.gone },
      { directory: paths.image, ...imageChange(plan, run) },
    ],
    summary: { ...summary, steps: summarizeSteps(run.reports) },
    summarize: () => summary,
  });
}

/** Blobs of layers and images that are there now, and those that are no more. */
function imageChange({ steps, state }: EditPlan, run: StepsResult): Omit<RecordChange['outputs'][number], 'directory'> {
  const names = imageSteps(steps);
  const facts: readonly OutputFact[] = writtenBy(names, run.state);
  const now = new Set(facts.map(({ path }) => path));
  return { facts, gone: writtenBy(names, state).flatMap(({ path }) => (now.has(path) ? [] : [path])) };
}
