import { readdirSync } from 'node:fs';
import { relative } from 'node:path';
import {
  type ApplicationSource,
  type DockerfileOptions,
  type DockerfileVariant,
  dockerignoreFilter,
  generateDockerfile,
  generateDockerignore,
  type NodeProject,
  prebuiltServer,
  readNodeProject,
} from '@mcpgen/build-optimizer/dockerfile';
import { discoverProject, type Project } from '@mcpgen/generator';
import { type BuildSettings, resolveSettings } from '../build/settings.ts';
import { imageLabels } from '../build/steps/image-labels.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import { applicationUnstartable, prebuiltUnfit, workspaceUnsupported } from '../errors.ts';

/** What is asked of a Dockerfile. Flags win over the configuration. */
export interface DockerfileRequest {
  readonly variant: DockerfileVariant;
  readonly base?: string;
  readonly buildBase?: string;
  readonly packages?: string;
  readonly buildPackages?: string;
  /** Take `dist/server` as it is. */
  readonly prebuilt: boolean;
}

export interface DockerfilePlan {
  /** `server`: built inside by mcpgen; `prebuilt`: over what it wrote; `application`: any other project of Node. */
  readonly kind: DockerfileOptions['source']['kind'];
  readonly dockerfile: string;
  readonly ignoreFile: string;
  readonly warnings: readonly string[];
}

/** The Dockerfile and the .dockerignore of a project. */
export function planDockerfile(
  directory: string,
  request: DockerfileRequest,
  { config, file }: LoadedConfig,
): DockerfilePlan {
  const settings = resolveSettings(directory, {
    cwd: directory,
    config,
    flags: request.base === undefined ? {} : { base: request.base },
  });
  const project = findProject(directory, settings.auth);
  if (project === undefined) {
    if (request.prebuilt) throw prebuiltUnfit(directory);
    return planApplication(directory, request, settings);
  }
  const folders = {
    outDirectory: below(directory, settings.outDirectory),
    cacheDirectory: below(directory, settings.cacheDirectory),
  };
  const options = { ...imageOptions(request, settings), labels: serverLabels(project, settings) };
  if (request.prebuilt) {
    const only = `${folders.outDirectory}/server`;
    const dockerfile = generateDockerfile({ ...options, source: prebuiltServer(only) });
    return { kind: 'prebuilt', dockerfile, ignoreFile: generateDockerignore({ only }), warnings: [] };
  }
  const node = readInstallable(directory);
  const read = [
    ...project.sources.map((source) => source.file),
    ...(file === undefined ? [] : [below(directory, file)]),
  ];
  const needs = [...node.install.files.filter((path) => !path.endsWith('/')), ...read];
  return {
    kind: 'server',
    dockerfile: generateDockerfile({
      ...options,
      source: { kind: 'server', install: node.install, cacheId: `mcpgen-${project.name}`, ...folders },
    }),
    ignoreFile: generateDockerignore({ ...folders, needs }),
    warnings: [...lockWarning(node), ...(node.packages.includes('mcpgen') ? [] : [NOT_INSTALLED])],
  };
}

const NOT_INSTALLED =
  'package.json does not name mcpgen, which builds the server inside: npm install --save-dev mcpgen, or use --prebuilt';

/** `undefined` where nothing is to be served: a project of another kind, unless it is one of mcpgen that has no tool yet. */
function findProject(directory: string, auth: string | undefined): Project | undefined {
  try {
    return discoverProject(directory, { auth });
  } catch (error) {
    const isEmpty = error instanceof Error && 'code' in error && error.code === 'PROJECT_EMPTY';
    if (!isEmpty || isOurs(readNodeProject(directory))) throw error;
    return undefined;
  }
}

function isOurs({ packages, main }: NodeProject): boolean {
  return main === undefined || packages.some((name) => name === 'mcpgen' || name === '@mcpgen/server');
}

function planApplication(directory: string, request: DockerfileRequest, settings: BuildSettings): DockerfilePlan {
  const node = readInstallable(directory);
  const source = applicationSource(directory, node);
  const { labels = {} } = settings.image ?? {};
  const [out = 'dist'] = source.outputs;
  const options = { outDirectory: source.buildScript === undefined ? 'dist' : out, needs: source.outputs };
  return {
    kind: 'application',
    dockerfile: generateDockerfile({ ...imageOptions(request, settings), labels, source }),
    ignoreFile: generateDockerignore(
      source.buildScript === undefined ? options : { outDirectory: options.outDirectory },
    ),
    warnings: lockWarning(node),
  };
}

/** What a project says of itself: a script `build`, and what it starts. */
function applicationSource(directory: string, { install, scripts, main }: NodeProject): ApplicationSource {
  if (main === undefined) throw applicationUnstartable(directory);
  const [folder = ''] = main.includes('/') ? main.split('/') : [];
  const outputs = folder === '' ? rootEntries(directory) : [folder];
  return {
    kind: 'application',
    install,
    outputs,
    main,
    ...(scripts.build === undefined ? {} : { buildScript: 'build' }),
  };
}

/** A program that lies at the root may load anything beside it. */
function rootEntries(directory: string): readonly string[] {
  const isLeftOut = dockerignoreFilter(generateDockerignore());
  const ours = /^(package\.json|package-lock\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?|tsconfig.*\.json|\..*)$/;
  return readdirSync(directory)
    .filter((name) => !isLeftOut(name) && !ours.test(name))
    .sort();
}

function readInstallable(directory: string): NodeProject {
  const node = readNodeProject(directory);
  if (node.workspace !== undefined) throw workspaceUnsupported(directory, node.workspace);
  return node;
}

function lockWarning({ install }: NodeProject): readonly string[] {
  return install.locked ? [] : ['there is no lockfile: every build of the image may install other versions'];
}

function imageOptions(
  request: DockerfileRequest,
  { image }: BuildSettings,
): Omit<DockerfileOptions, 'source' | 'labels'> {
  const { variant, buildBase } = request;
  const run = image === undefined || image.base === 'host' ? undefined : image.base;
  return {
    variant,
    bases: { ...(run === undefined ? {} : { run }), ...(buildBase === undefined ? {} : { build: buildBase }) },
    systemPackages: { run: words(request.packages), build: words(request.buildPackages) },
    ...(image === undefined ? {} : { port: image.port, user: image.user, env: image.env }),
  };
}

function serverLabels(project: Project, { server, image }: BuildSettings): Readonly<Record<string, string>> {
  if (image === undefined) return {};
  return imageLabels({ name: project.name, version: project.version, ...server.info }, image);
}

function words(list: string | undefined): readonly string[] {
  return (list ?? '').split(/[\s,]+/).filter((word) => word !== '');
}

/** As a Dockerfile names it. */
function below(directory: string, path: string): string {
  return relative(directory, path).replaceAll('\\', '/');
}
