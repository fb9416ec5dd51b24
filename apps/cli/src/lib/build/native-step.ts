import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Step } from '@mcpgen/build-optimizer';
import { type DependencyPlan, traceExternals } from '@mcpgen/build-optimizer/bundle';

/** Packages that cannot be bundled are traced and copied as they are: one step, and one layer of the image. */
export function nativeStep(plan: {
  readonly dependencies: DependencyPlan;
  readonly directory: string;
  readonly project: string;
}): readonly Step[] {
  const { dependencies, directory, project } = plan;
  if (dependencies.external.length === 0) return [];
  const packages = dependencies.external.map(({ package: name, version }) => `${name}@${version}`);
  return [
    {
      name: 'native',
      version: 1,
      needs: [],
      inputs: {
        options: {
          packages,
          digest: dependencies.digest,
          platform: `${process.platform}-${process.arch}`,
          abi: process.versions.modules,
        },
      },
      directory,
      run: async ({ signal }) => {
        const files = await traceExternals({ directory: project, packages: dependencies.external, signal });
        for (const { source, path } of files) {
          const target = join(directory, path);
          mkdirSync(dirname(target), { recursive: true });
          copyFileSync(source, target);
        }
        return { files: files.map(({ path }) => path) };
      },
    },
  ];
}
