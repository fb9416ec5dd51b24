import type { LayerGroup, Step } from '@mcpgen/build-optimizer';
import type { DependencyPlan, ModuleGraph } from '@mcpgen/build-optimizer/bundle';
import type { Project } from '@mcpgen/generator';
import { formatPlatform, platformOf } from '@mcpgen/oci';
import { nativePackages } from '../errors.ts';
import type { BuildRequest } from './build-request.ts';
import { planDocuments } from './image-documents.ts';
import type { BuildTools } from './open-build-tools.ts';
import { planBases } from './steps/base-steps.ts';
import { imageSteps } from './steps/image-steps.ts';

/** What an image is made from, besides the request. */
export interface ImageInputs {
  readonly project: Project;
  readonly dependencies: DependencyPlan;
  /** What goes into which layer: see `planLayers`. */
  readonly layers: readonly LayerGroup[];
  /** The code of the project, which provenance names; absent in the plan of an edit, which has only what it reaches. */
  readonly modules: ModuleGraph['modules'] | undefined;
  /** Steps that must have succeeded before the image shows. */
  readonly gates: readonly string[];
}

/** The steps of the image; none where no image is asked for. */
export async function planImage(
  { settings, paths }: BuildRequest,
  { openRepository, pins, runtime }: Pick<BuildTools, 'openRepository' | 'pins' | 'runtime'>,
  inputs: ImageInputs,
): Promise<readonly Step[]> {
  const { project, dependencies, modules, layers, gates } = inputs;
  if (settings.image === undefined) return [];
  checkNativePackages(settings.image.platforms, dependencies);
  if (settings.builder !== 'daemonless') return [];
  const bases = await planBases({
    image: settings.image,
    layout: paths.image,
    compression: settings.profile.compression,
    openRepository,
    pins,
  });
  return imageSteps({
    settings: settings.image,
    server: { name: project.name, version: project.version, ...settings.server.info },
    profile: settings.profile,
    bases,
    layout: paths.image,
    layers,
    documents: planDocuments(settings, { dependencies, modules, runtime: runtime.entry }),
    serverDirectory: paths.workServer,
    gates,
  });
}

/** Packages that stay as they are were installed for this machine: an image for another one would not start. */
function checkNativePackages(platforms: readonly string[] | undefined, { external }: DependencyPlan): void {
  const other = platforms?.find((platform) => platform !== formatPlatform(platformOf('linux', process.arch)));
  if (other !== undefined && external.length > 0)
    throw nativePackages(
      other,
      external.map((found) => found.package),
    );
}
