import type { DependencyPlan } from './dependency-plan.ts';
import { packagesMissing } from './errors.ts';

/**
 * A plan by the lockfile alone is good as long as a cache has what would be made from the packages themselves.
 *
 * @throws {BundleError} PACKAGE_NOT_FOUND.
 */
export function checkInstalled({ installed }: Pick<DependencyPlan, 'installed'>): void {
  if (!installed) throw packagesMissing();
}
