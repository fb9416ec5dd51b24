import { realpathSync } from 'node:fs';
import { createBatcher } from './batcher.ts';
import { bundleChunks } from './bundle-chunks.ts';
import { bundlePackages } from './bundle-packages.ts';
import type { BundlePlan } from './bundle-plan.ts';
import { bundleRuntime } from './bundle-runtime.ts';
import type { BundlerOptions } from './bundler-options.ts';
import { bundlerVersion } from './bundler-version.ts';
import { checkInstalled } from './check-installed.ts';
import type { DependencyPlan } from './dependency-plan.ts';
import type { Chunk } from './plan-chunks.ts';
import { preparedOutputs } from './prepared-outputs.ts';
import { type Output, writeOutputs } from './write-outputs.ts';

/** Files that were written, relative to the directory they are in, sorted bytewise. */
export interface Bundled {
  readonly files: readonly string[];
  /** Bytes by source, of the files that have several. */
  readonly sources?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Writes a server's code. */
export interface Bundler {
  /** What changes the outputs besides the files that go in: part of the inputs of each step that bundles. JSON. */
  readonly settings: Readonly<Record<string, unknown>>;
  /**
   * Writes `modules/<chunk>.js`. Calls of the same tick, and those made while the bundler is busy, are one run of it.
   *
   * @throws {BundleError} SYNTAX_ERROR, FILE_CHANGED, BUNDLE_FAILED.
   */
  bundleChunk(chunk: Chunk, plan: BundlePlan): Promise<Bundled>;
  /**
   * Writes `deps/<specifier>.js` for each bundled specifier, and what they share to `deps/_/`.
   *
   * @throws {BundleError} BUNDLE_FAILED.
   */
  bundleDependencies(plan: DependencyPlan): Promise<Bundled>;
  /**
   * Writes `runtime/main.js`, which starts a server, and what it loads.
   *
   * @param request `entry`: absolute path of the runtime's main module, source or built.
   * @throws {BundleError} BUNDLE_FAILED.
   */
  bundleRuntime(request: { readonly entry: string }): Promise<Bundled>;
  /** Waits for what is under way. The bundler must not be used afterwards. */
  close(): Promise<void>;
}

export function createBundler(options: BundlerOptions): Bundler {
  const chunks = createBatcher((requests: readonly ChunkRequest[]) => bundleRequests(requests, options));
  const { minify, onEvent, outDirectory, sourcemap, target = 'node22' } = options;
  return {
    settings: { bundler: `esbuild ${bundlerVersion()}`, minify, sourcemap, target },
    bundleChunk: (chunk, plan) => chunks.add({ chunk, plan }),
    bundleDependencies: (plan) => bundleDependencies(plan, options),
    bundleRuntime: async ({ entry }) => {
      const outputs = await bundleRuntime(realpathSync(entry), { target });
      onEvent?.({ type: 'bundled', kind: 'runtime', names: ['main'] });
      return { files: await writeOutputs(outDirectory, outputs) };
    },
    close: () => chunks.idle(),
  };
}

interface ChunkRequest {
  readonly chunk: Chunk;
  readonly plan: BundlePlan;
}

async function bundleRequests(requests: readonly ChunkRequest[], options: BundlerOptions) {
  const outcomes = new Map<ChunkRequest, PromiseSettledResult<Bundled>>();
  for (const [plan, group] of groupByPlan(requests)) {
    const chunks = new Map(group.map(({ chunk }) => [chunk.name, chunk]));
    const bundled = await bundleChunks([...chunks.values()], plan, options);
    options.onEvent?.({ type: 'bundled', kind: 'chunks', names: [...chunks.keys()] });
    await Promise.all(
      group.map(async (request) => {
        outcomes.set(request, await write(bundled.get(request.chunk.name), options.outDirectory));
      }),
    );
  }
  return outcomes;
}

/** Plans are the same where their parts are: callers may put them together anew for each chunk. */
function groupByPlan(requests: readonly ChunkRequest[]): Map<BundlePlan, ChunkRequest[]> {
  const groups = new Map<BundlePlan, ChunkRequest[]>();
  for (const request of requests) {
    const { chunks, dependencies, graph } = request.plan;
    const known = [...groups.keys()].find((plan) => {
      return plan.graph === graph && plan.chunks === chunks && plan.dependencies === dependencies;
    });
    const group = groups.get(known ?? request.plan) ?? [];
    group.push(request);
    groups.set(known ?? request.plan, group);
  }
  return groups;
}

async function write(
  outcome: PromiseSettledResult<readonly Output[]> | undefined,
  directory: string,
): Promise<PromiseSettledResult<Bundled>> {
  if (outcome?.status !== 'fulfilled') return { status: 'rejected', reason: outcome?.reason };
  try {
    return { status: 'fulfilled', value: await bundledOf(directory, outcome.value) };
  } catch (reason) {
    return { status: 'rejected', reason };
  }
}

async function bundleDependencies(plan: DependencyPlan, options: BundlerOptions): Promise<Bundled> {
  const { aliases = {}, directory, onEvent, outDirectory, target = 'node22' } = options;
  checkInstalled(plan);
  const external = new Map(plan.external.map(({ packageDirectory, reason }) => [packageDirectory, reason]));
  const outputs =
    preparedOutputs(plan, target) ??
    (
      await bundlePackages(
        plan.bundled.map(({ entry, file, names, specifier }) => ({ entry, names, specifier, from: { file } })),
        { directory, target, aliases, external },
      )
    ).outputs;
  onEvent?.({ type: 'bundled', kind: 'dependencies', names: plan.bundled.map(({ specifier }) => specifier) });
  return bundledOf(outDirectory, outputs);
}

async function bundledOf(directory: string, outputs: readonly Output[]): Promise<Bundled> {
  const files = await writeOutputs(directory, outputs);
  const known = outputs.flatMap(({ file, sources }) => (sources === undefined ? [] : [[file, sources] as const]));
  return { files, ...(known.length > 0 && { sources: Object.fromEntries(known) }) };
}
