import { usageError } from '../../errors.ts';
import type { BuildSettings } from '../settings.ts';

/** Who makes the image: this command itself, a Docker engine, or buildx with one of its builders. */
export type Builder = 'daemonless' | 'docker' | 'buildx' | `buildx:${string}`;

/** Reads `--builder`. */
export function parseBuilder(text: string): Builder {
  if (text === 'daemonless' || text === 'docker' || text === 'buildx') return text;
  if (/^buildx:[\w.-]+$/.test(text)) return text as Builder;
  throw usageError(
    `Cannot build the image by "${text}": expected daemonless, docker, buildx or buildx:NAME`,
    '`docker buildx ls` shows the names of builders',
  );
}

/** Throws a usage error for what is asked of the image, by flags or configuration, and is known only of one made here. */
export function checkDockerBuild({
  builder,
  image,
  budgets,
}: Pick<BuildSettings, 'builder' | 'image' | 'budgets'>): void {
  if (builder === 'daemonless' || image === undefined) return;
  if (image.sbom || image.provenance) {
    throw usageError(
      'Cannot describe an image that Docker builds',
      'Leave --builder docker or buildx out, or turn the documents off by --no-sbom and --no-provenance',
    );
  }
  const budget = Object.keys(budgets?.bytes ?? {}).find((name) => name === 'imageSize' || name.startsWith('layers/'));
  if (budget !== undefined) {
    throw usageError(
      `Cannot hold an image that Docker builds to the budget "${budget.replace('/', '.')}"`,
      'Leave --builder docker or buildx out, or the budget; --over-budget ignore looks at none',
    );
  }
}
