import { copyFileSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Step } from '@mcpgen/build-optimizer';
import { checkInstalled, type DependencyPlan, traceExternals } from '@mcpgen/build-optimizer/bundle';

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
          code: dependencies.code,
          platform: `${process.platform}-${process.arch}`,
          abi: process.versions.modules,
        },
      },
      directory,
      run: async ({ signal }) => {
        checkInstalled(dependencies);
        const files = await traceExternals({ directory: project, packages: dependencies.external, signal });
        for (const { source, path } of files) {
          placeFile(source, join(directory, path));
        }
        return { files: files.map(({ path }) => path) };
      },
    },
  ];
}

/** Never over a file that is there: a loaded addon must keep its own. The mode comes with the file. */
function placeFile(source: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  const temporary = `${target}.${process.pid}.tmp`;
  copyFileSync(source, temporary);
  renameSync(temporary, target);
}
