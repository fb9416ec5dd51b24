import type { Measurement, Target } from '../lib/benchmark.ts';
import { report } from '../lib/report.ts';
import { type BuilderName, imageBuilders, type Machine, measureImage, type RemoteCache } from './image-builders.ts';
import { createImageProject, type ImageProject, type ProjectForm } from './image-projects.ts';

/**
 * Images of one server of ten tools, built and pushed: milliseconds of wall time. Docker's builds compile by tsc, which is
 * part of them; mcpgen is run without its check of types, which is no part of its image.
 */

const machine = readMachine();
const builders = imageBuilders(machine);
const names: readonly BuilderName[] = ['ordered', 'naive', 'builder docker', 'daemonless'];
using projects = new DisposableStack();
const projectOf = new Map<string, ImageProject>();

await report('Images: one server of ten tools, built and pushed', [
  cold(),
  again('nothing changed', () => undefined, [{ variant: 'daemonless', kind: 'value', atMost: 60 }]),
  again('one tool changed', (project) => project.editTool(), [
    { variant: 'daemonless', kind: 'ratio', atMost: 1 / 40 },
    { variant: 'daemonless', kind: 'value', atMost: 150 },
    { variant: 'builder docker', kind: 'value', atMost: 450 },
  ]),
  again('package.json changed, without the package manager', (project) => project.editPackages(), [
    { variant: 'daemonless', kind: 'value', atMost: 1500 },
  ]),
  emptyMachine('max', [{ variant: 'daemonless', kind: 'ratio', atMost: 1 / 60 }]),
  emptyMachine('inline', []),
  size('compressed', 'MB', [{ variant: 'daemonless', kind: 'ratio', atMost: 1 / 2 }]),
  size('pulled by an engine', 'ms', []),
]);

/** Bases: one with npm, for the builds by a Dockerfile, and one that runs Node, for those of mcpgen. */
function readMachine(): Machine {
  const { MCPGEN_TEST_REGISTRY: registry, MCPGEN_TEST_DOCKER_HOST, MCPGEN_TEST_DOCKER_CONFIG } = process.env;
  if (registry === undefined || MCPGEN_TEST_DOCKER_HOST === undefined || MCPGEN_TEST_DOCKER_CONFIG === undefined)
    throw new Error('Set MCPGEN_TEST_REGISTRY, MCPGEN_TEST_DOCKER_HOST and MCPGEN_TEST_DOCKER_CONFIG: see README.md');
  const { MCPGEN_BENCHMARK_SLIM: slim, MCPGEN_BENCHMARK_DISTROLESS: distroless } = process.env;
  return {
    registry,
    slim: slim ?? `${registry}/node:24-slim`,
    distroless: distroless ?? `${registry}/node:24-distroless`,
    environment: {
      ...process.env,
      DOCKER_HOST: MCPGEN_TEST_DOCKER_HOST,
      DOCKER_CONFIG: MCPGEN_TEST_DOCKER_CONFIG,
    },
  };
}

/** The builders of one form share sources, not what they leave beside them. */
function projectFor(name: BuilderName): ImageProject {
  const known = projectOf.get(name);
  if (known !== undefined) return known;
  const project = projects.use(createImageProject(builders[name].form satisfies ProjectForm));
  projectOf.set(name, project);
  return project;
}

function variantsOf(measure: (name: BuilderName) => number, rounds: number) {
  return {
    unit: 'ms' as const,
    variants: names,
    rounds,
    measure: async (variant: string) => measure(variant as BuilderName),
  };
}

function cold(): Measurement {
  return {
    name: 'cold, packages of the host installed',
    ...variantsOf((name) => {
      builders[name].forget();
      projectFor(name).clean();
      return builders[name].build(projectFor(name).directory);
    }, 1),
  };
}

function again(name: string, change: (project: ImageProject) => unknown, targets: readonly Target[]): Measurement {
  return {
    name,
    targets,
    ...variantsOf((variant) => {
      change(projectFor(variant));
      return builders[variant].build(projectFor(variant).directory);
    }, 5),
  };
}

/** A CI machine that has a checkout and nothing else, after a change of one tool; another machine filled the cache. */
function emptyMachine(kind: RemoteCache['kind'], targets: readonly Target[]): Measurement {
  const filled = new Set<BuilderName>();
  return {
    name: `empty CI machine, one tool changed, remote cache (${kind})`,
    targets,
    ...variantsOf((variant) => {
      const builder = builders[variant];
      const project = projectFor(variant);
      const cache = { kind, name: `${machine.registry}/bench/cache-${variant.replace(' ', '-')}:${kind}` } as const;
      if (!filled.has(variant)) builder.build(project.directory, cache);
      filled.add(variant);
      project.editTool();
      const checkout = project.checkOut();
      builder.forget();
      return builder.build(checkout, cache);
    }, 3),
  };
}

function size(what: 'compressed' | 'pulled by an engine', unit: 'MB' | 'ms', targets: readonly Target[]): Measurement {
  return {
    name: `image, ${what}`,
    targets,
    ...variantsOf((variant) => {
      const { bytes, pull } = measureImage(machine, variant === 'builder docker' ? 'docker' : variant);
      return what === 'compressed' ? bytes / 1e6 : pull;
    }, 1),
    unit,
  };
}
