import { cp, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createBundler, traceExternals } from '../src/bundle.ts';
import { type BundleProject, bundleProject } from './bundle-project.ts';
import { runNode } from './run-node.ts';

/** The program that shows the default export of a module as JSON. */
export const showDefault = (path: string) =>
  `console.log(JSON.stringify((await import(${JSON.stringify(path)})).default))`;

/** Builds the project, with its external packages, and shows the default export of its tool. */
export async function runBuilt(project: BundleProject): Promise<string> {
  const { chunks, ...plan } = await project.plan();
  const outDirectory = join(project.directory, 'dist/server');
  const bundler = createBundler({ directory: project.directory, outDirectory, minify: false, sourcemap: false });
  await Promise.all([...chunks.chunks.values()].map((chunk) => bundler.bundleChunk(chunk, { chunks, ...plan })));
  await bundler.bundleDependencies(plan.dependencies);
  const { directory } = project;
  for (const { path, source } of await traceExternals({ directory, packages: plan.dependencies.external })) {
    await mkdir(dirname(join(outDirectory, path)), { recursive: true });
    await cp(source, join(outDirectory, path));
  }
  // Away from the project's own node_modules.
  await using elsewhere = await bundleProject({});
  await cp(outDirectory, join(elsewhere.directory, 'server'), { recursive: true });
  return await runNode(join(elsewhere.directory, 'server'), showDefault('./modules/tools/a.js'));
}
