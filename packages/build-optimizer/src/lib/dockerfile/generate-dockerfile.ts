import { dockerfileBases, systemPackageLines } from './dockerfile-bases.ts';
import type {
  ApplicationSource,
  DockerfileOptions,
  DockerfileSource,
  PrebuiltSource,
  ServerSource,
} from './dockerfile-options.ts';
import { checkPath, copyLine, optionalCopyLine, pairLines } from './dockerfile-syntax.ts';
import { optionInvalid } from './errors.ts';
import { type InstallCommands, type InstallPlan, installCommands } from './package-manager.ts';

/**
 * Writes a Dockerfile: from what changes least to what changes most, stages that do not need each other side by side,
 * downloads kept in cache mounts, and in the image that runs only what runs, as a user that is not root. The same options
 * give the same text.
 *
 * It needs BuildKit 0.11, which Docker 23 brings, and has no `# syntax=` line: no frontend is pulled.
 *
 * @throws DockerfileError for an option that cannot stand in a Dockerfile.
 */
export function generateDockerfile(options: DockerfileOptions): string {
  return `${[HEADER, ...buildStages(options), finalStage(options)].join('\n\n')}\n`;
}

const HEADER = `# Needs BuildKit 0.11 or later, which Docker 23 brings. There is no "# syntax=" line: no frontend is pulled.
# What changes least comes first. --link layers stay valid when the layers below them change.`;

function buildStages(options: DockerfileOptions): readonly string[] {
  const { source } = options;
  if (source.kind === 'prebuilt') return [];
  const commands = installCommands(source.install);
  const stages = [baseStage(options, commands), installStage('dependencies', source.install, commands)];
  if (source.kind === 'server') return [...stages, serverStage(source, commands)];
  return [...stages, installStage('production', source.install, commands), applicationStage(source, commands)];
}

function baseStage(options: DockerfileOptions, commands: InstallCommands): string {
  const { build } = dockerfileBases(options);
  const setup =
    commands.setup === undefined ? [] : [`RUN --mount=type=cache,id=npm,target=/root/.npm ${commands.setup}`];
  return lines(
    `FROM ${build} AS base`,
    'WORKDIR /app',
    ...pairLines('ENV', commands.environment),
    ...systemPackageLines(options.variant ?? 'slim', options.systemPackages?.build ?? [], 'build'),
    ...setup,
  );
}

/** Runs again only when package.json or the lockfile does, and beside the stages that do not need it. */
function installStage(name: 'dependencies' | 'production', install: InstallPlan, commands: InstallCommands): string {
  const { id, target } = commands.cache;
  const what = name === 'production' ? 'What runs' : 'What builds';
  const unlocked = install.locked ? '' : ' There is no lockfile: every build may install other versions.';
  const mounts = [
    `--mount=type=cache,id=${id},target=${target}`,
    ...(install.npmrc ? ['--mount=type=secret,id=npmrc,target=/root/.npmrc'] : []),
  ];
  const steps = [
    ...(install.prepare ? ['npm pkg delete scripts.prepare'] : []),
    ...(name === 'production' ? [commands.production, 'mkdir -p node_modules'] : [commands.all]),
  ];
  return lines(
    `# ${what}: installed again when package.json or the lockfile changes.${unlocked}`,
    `FROM base AS ${name}`,
    ...copyInstallFiles(install.files),
    `RUN ${[...mounts, steps.join(' \\\n    && ')].join(' \\\n    ')}`,
  );
}

/** One COPY for each directory: several sources are copied into one. */
function copyInstallFiles(files: readonly string[]): readonly string[] {
  const folders = new Map<string, string[]>();
  for (const file of [...files].sort()) {
    const isDirectory = file.endsWith('/');
    const path = isDirectory ? file.slice(0, -1) : file;
    const folder = isDirectory ? path : path.slice(0, Math.max(0, path.lastIndexOf('/')));
    folders.set(folder, [...(folders.get(folder) ?? []), path]);
  }
  return [...folders].map(([folder, sources]) => copyLine('', sources, folder === '' ? './' : `./${folder}/`));
}

function serverStage(source: ServerSource, commands: InstallCommands): string {
  const { outDirectory = 'dist', cacheDirectory = '.cache/mcpgen', cacheId = 'mcpgen' } = source;
  checkPath(outDirectory);
  checkPath(cacheDirectory);
  return lines(
    '# The build of mcpgen, with its cache kept: what a change does not reach is not built again.',
    'FROM dependencies AS build',
    'ARG SOURCE_DATE_EPOCH=0',
    'COPY . .',
    `RUN --mount=type=cache,id=${cacheId.replaceAll(/[^\w.-]/g, '-')},target=/app/${cacheDirectory},sharing=locked \\`,
    `    ${commands.program('mcpgen')} build --no-image \\`,
    '    && mkdir -p /out/packages \\',
    `    && cp -R ${outDirectory}/server /out/app \\`,
    '    && for part in runtime deps node_modules; do \\',
    '         if [ -d "/out/app/$part" ]; then mv "/out/app/$part" /out/packages/; fi; \\',
    '       done \\',
    "    && find /out -name '*.js.map' -delete \\",
    '    && find /out -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +',
  );
}

function applicationStage({ buildScript, outputs }: ApplicationSource, commands: InstallCommands): string {
  const script = buildScript === undefined ? [] : [`RUN ${commands.script(scriptName(buildScript))}`];
  for (const output of outputs) checkPath(output);
  return lines(
    '# The sources: beside the installation of what runs.',
    'FROM dependencies AS build',
    'ARG SOURCE_DATE_EPOCH=0',
    'COPY . .',
    ...script,
  );
}

function finalStage(options: DockerfileOptions): string {
  const { source, variant = 'slim', port = 3000, user = '65532:65532', env = {}, labels = {} } = options;
  const { healthPath = source.kind === 'application' ? null : '/healthz' } = options;
  const { run, node } = dockerfileBases(options);
  if (!/^\d+(:\d+)?$/.test(user)) throw optionInvalid('user', user, 'numbers, such as 65532:65532');
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw optionInvalid('port', String(port), 'a port');
  const server = source.kind === 'application' ? {} : { HOST: '0.0.0.0', MCPGEN_ALLOW_REMOTE: '1' };
  return lines(
    '# What runs: nothing that builds, and no user that could change it.',
    `FROM ${run} AS run`,
    ...systemPackageLines(variant, options.systemPackages?.run ?? [], 'run'),
    'WORKDIR /app',
    ...pairLines('ENV', { NODE_ENV: 'production', ...server, PORT: String(port), ...env }),
    ...copies(source),
    ...pairLines('LABEL', labels),
    `USER ${user}`,
    `EXPOSE ${port}`,
    'STOPSIGNAL SIGTERM',
    ...healthLines(node, healthPath),
    `ENTRYPOINT ${exec(node, `/app/${mainOf(source)}`)}`,
  );
}

function copies(source: DockerfileSource): readonly string[] {
  switch (source.kind) {
    case 'server':
      return [
        copyLine('--link --from=build ', ['/out/packages/'], './'),
        copyLine('--link --from=build ', ['/out/app/'], './'),
      ];
    case 'application':
      return [
        copyLine('--link --from=production ', ['/app/node_modules'], './node_modules'),
        copyLine('--link --from=build ', ['/app/package.json'], './'),
        ...source.outputs.map((output) => copyLine('--link --from=build ', [`/app/${output}`], `./${output}`)),
      ];
    case 'prebuilt':
      return prebuiltCopies(source);
    default:
      return source satisfies never;
  }
}

function prebuiltCopies({ copies }: PrebuiltSource): readonly string[] {
  return copies.map(({ sources, target, optional = false }) =>
    optional ? optionalCopyLine(sources, target) : copyLine('--link ', sources, target),
  );
}

function mainOf(source: DockerfileSource): string {
  if (source.kind !== 'application') return 'main.js';
  checkPath(source.main);
  return source.main.replace(/^\.\//, '');
}

/** Node itself asks: images without a shell or curl have it too. */
function healthLines(node: string, path: string | null): readonly string[] {
  if (path === null) return [];
  if (!/^\/[\w./-]*$/.test(path)) throw optionInvalid('health path', path, 'a path such as /healthz');
  const ask = `fetch('http://127.0.0.1:' + process.env.PORT + '${path}').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))`;
  return [
    'HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \\',
    `    CMD ${exec(node, '-e', ask)}`,
  ];
}

function exec(...words: readonly string[]): string {
  return `[${words.map((word) => JSON.stringify(word)).join(', ')}]`;
}

function scriptName(name: string): string {
  if (/^[\w:.-]+$/.test(name)) return name;
  throw optionInvalid('script', name, 'the name of a script in package.json');
}

function lines(...parts: readonly string[]): string {
  return parts.join('\n');
}
