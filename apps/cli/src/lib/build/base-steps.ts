import type { Step, StepOutput } from '@mcpgen/build-optimizer';
import {
  type Base,
  createLayout,
  hostBaseOf,
  type Layer,
  type Platform,
  planHostBase,
  writeHostBase,
} from '@mcpgen/oci';
import { blobPath } from './image-steps.ts';

/** A base image of one platform: the step that brings its layers, and how to read what the step gave. */
export interface BasePlan {
  readonly name: string;
  readonly platform: Platform;
  readonly step: Step;
  readonly read: (needs: ReadonlyMap<string, StepOutput>) => Base;
}

/** This machine's Node as one layer: no registry is needed. */
export async function hostBase({
  layout,
  compression,
}: {
  readonly layout: string;
  readonly compression: 'none' | 'gzip' | 'zstd';
}): Promise<BasePlan> {
  const plan = await planHostBase({ executable: process.execPath, platform: process.platform, arch: process.arch });
  const name = 'layer:base';
  return {
    name: 'host',
    platform: plan.platform,
    step: {
      name,
      version: 1,
      needs: [],
      inputs: { options: { host: plan.fingerprint, compression } },
      directory: layout,
      // Seconds of one core for a file that changes with Node alone: the quickest level is right.
      run: async ({ signal }) => {
        const base = await writeHostBase(plan, {
          target: await createLayout(layout),
          compression,
          level: compression === 'none' ? 0 : 1,
          signal,
        });
        const [layer] = base.layers;
        return layer === undefined ? { files: [] } : { files: [blobPath(layer.digest)], value: layer };
      },
    },
    read: (needs) => hostBaseOf(plan, layerOf(needs, name)),
  };
}

/** The value of the step above, through the cache and back. */
function layerOf(needs: ReadonlyMap<string, StepOutput>, step: string): Layer {
  return needs.get(step)?.value as Layer;
}
