import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StepOutput } from '@mcpgen/build-optimizer';
import { checkInstalled, type DependencyPlan, type ModuleGraph, runtimeFiles } from '@mcpgen/build-optimizer/bundle';
import { type Material, npmPurl, type SbomPackage } from '@mcpgen/oci';
import type { BuildSettings } from './settings.ts';

/** What is to be said about an image besides itself: absent where it is not asked for. JSON, part of the image's key. */
export interface DocumentPlan {
  readonly packages: readonly SbomPackage[];
  readonly sbom: boolean;
  readonly provenance?: ProvenancePlan;
}

export interface ProvenancePlan {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly sources: readonly Material[];
}

export interface DocumentInputs {
  readonly dependencies: DependencyPlan;
  /** The code of the project: all of it where there is to be provenance. */
  readonly modules: ModuleGraph['modules'] | undefined;
  /** The main module of the runtime; absolute. */
  readonly runtime: string;
}

/** Reads what documents about the image need; nothing is read where none is asked for. */
export function planDocuments(
  { image, profile, server }: BuildSettings,
  { dependencies, modules, runtime }: DocumentInputs,
): DocumentPlan | undefined {
  if (image === undefined || !(image.sbom || image.provenance)) return undefined;
  // Licenses stand in the packages themselves.
  checkInstalled(dependencies);
  const packages = bundledPackages(dependencies, runtime);
  if (!image.provenance) return { packages, sbom: image.sbom };
  const { base, platforms, port, user } = image;
  // Values of the environment stay where they are: the configuration of the image.
  const environment = Object.keys(image.env).sort();
  const parameters = {
    profile,
    base,
    ...(platforms && { platforms }),
    port,
    user,
    environment,
    server: server.options,
  };
  const sources = [...(modules?.values() ?? [])].map(({ file, digest }) => ({
    uri: `file:${encodeURI(file)}`,
    digest,
  }));
  return { packages, sbom: image.sbom, provenance: { parameters, sources } };
}

/** The packages whose code is bundled: those that the project imports, with theirs, and those of the runtime. */
function bundledPackages(dependencies: DependencyPlan, runtime: string): readonly SbomPackage[] {
  const bundled = new Set(dependencies.packages);
  const found = manifestsIn(dependencies.inputs).filter((manifest) => bundled.has(labelOf(manifest)));
  const known = new Map(
    [...found, ...manifestsIn(runtimeFiles(runtime))].map((manifest) => [labelOf(manifest), manifest]),
  );
  for (const label of bundled) {
    const at = label.lastIndexOf('@');
    // A linked package may be without a package.json of its own name.
    if (!known.has(label) && at > 0) known.set(label, { name: label.slice(0, at), version: label.slice(at + 1) });
  }
  return [...known.values()].sort((a, b) => (labelOf(a) < labelOf(b) ? -1 : 1));
}

/** The packages that were copied to `node_modules` as they are: told by what lies there. */
export function copiedPackages(native: StepOutput | undefined): readonly SbomPackage[] {
  if (native === undefined) return [];
  return manifestsIn(native.files.map((path) => join(native.directory, path)));
}

/** The packages, as materials. */
export function packageMaterials(packages: readonly SbomPackage[]): readonly Material[] {
  return packages.map((found) => ({ uri: npmPurl(found) }));
}

function labelOf({ name, version }: SbomPackage): string {
  return `${name}@${version}`;
}

function manifestsIn(files: readonly string[]): readonly SbomPackage[] {
  const manifests = files.filter((file) => file.endsWith('package.json'));
  return manifests.flatMap((file) => readManifest(file) ?? []);
}

/** Folders within packages have a package.json, too, without a name or a version. */
function readManifest(file: string): SbomPackage | undefined {
  const { name, version, license } = parseManifest(readFileSync(file, 'utf8'));
  if (typeof name !== 'string' || typeof version !== 'string' || name === '' || version === '') return undefined;
  const told = typeof license === 'object' && license !== null && 'type' in license ? license.type : license;
  return { name, version, ...(typeof told === 'string' && told !== '' && { license: told }) };
}

function parseManifest(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
