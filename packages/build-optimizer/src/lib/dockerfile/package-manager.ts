/** How the dependencies of a project are installed inside an image. */
export interface InstallPlan {
  readonly manager: 'npm' | 'pnpm' | 'yarn' | 'yarn-berry' | 'bun';
  /** Version of the package manager, where the project names one: npm comes with Node, the others are installed. */
  readonly version?: string;
  /** What is copied before the installation, relative to the project: package.json, the lockfile, local packages. */
  readonly files: readonly string[];
  /** Whether there is a lockfile. Without one every build may install other versions. */
  readonly locked: boolean;
  /** Whether the project has an .npmrc: it is mounted as the secret `npmrc` and never copied. */
  readonly npmrc: boolean;
  /** Whether package.json has a script `prepare`, which needs sources or git: it does not run during the installation. */
  readonly prepare: boolean;
}

/** What a package manager is told. */
export interface InstallCommands {
  /** Brings the package manager into the base, where it does not come with Node. */
  readonly setup?: string;
  /** Folder that keeps downloads between builds. */
  readonly cache: { readonly id: string; readonly target: string };
  /** Set in the stages that install. */
  readonly environment: Readonly<Record<string, string>>;
  readonly all: string;
  readonly production: string;
  /** Runs a script of package.json. */
  readonly script: (name: string) => string;
  /** Runs a program of an installed package. */
  readonly program: (name: string) => string;
}

/** The commands of a package manager, for a shell in a build stage that runs as root. */
export function installCommands(plan: InstallPlan): InstallCommands {
  const commands = MANAGERS[plan.manager](plan);
  const fallback = DEFAULT_VERSIONS[plan.manager];
  if (fallback === undefined) return commands;
  const name = plan.manager === 'yarn-berry' ? '@yarnpkg/cli-dist' : plan.manager;
  // The official images bring another yarn, whose programs are in the way.
  const flags = plan.manager.startsWith('yarn') ? '--global --force' : '--global';
  return { ...commands, setup: `npm install ${flags} ${name}@${plan.version ?? fallback}` };
}

/** What is installed where package.json names no version in "packageManager". */
const DEFAULT_VERSIONS: Readonly<Record<InstallPlan['manager'], string | undefined>> = {
  npm: undefined,
  pnpm: '10',
  yarn: '1',
  'yarn-berry': '4',
  bun: '1',
};

const MANAGERS: Readonly<Record<InstallPlan['manager'], (plan: InstallPlan) => InstallCommands>> = {
  npm: ({ locked }) => {
    const install = `npm ${locked ? 'ci' : 'install'} --no-audit --no-fund`;
    return {
      cache: { id: 'npm', target: '/root/.npm' },
      environment: {},
      all: install,
      production: `${install} --omit=dev`,
      script: (name) => `npm run ${name}`,
      program: (name) => `npx --no-install ${name}`,
    };
  },
  pnpm: ({ locked }) => {
    const install = `pnpm install ${locked ? '--frozen-lockfile' : '--no-frozen-lockfile'}`;
    return {
      cache: { id: 'pnpm', target: '/pnpm/store' },
      // The store is on another file system than node_modules: links between them cannot be.
      environment: { CI: 'true', npm_config_store_dir: '/pnpm/store', npm_config_package_import_method: 'copy' },
      all: install,
      production: `${install} --prod`,
      script: (name) => `pnpm run ${name}`,
      program: (name) => `pnpm exec ${name}`,
    };
  },
  yarn: ({ locked }) => {
    const install = `yarn install --non-interactive${locked ? ' --frozen-lockfile' : ''}`;
    return {
      cache: { id: 'yarn', target: '/yarn/cache' },
      environment: { YARN_CACHE_FOLDER: '/yarn/cache' },
      all: install,
      production: `${install} --production`,
      script: (name) => `yarn run ${name}`,
      program: (name) => `yarn run ${name}`,
    };
  },
  'yarn-berry': ({ locked }) => ({
    cache: { id: 'yarn-berry', target: '/yarn/cache' },
    // Bundlers and the image look for packages in node_modules.
    environment: {
      YARN_CACHE_FOLDER: '/yarn/cache',
      YARN_ENABLE_GLOBAL_CACHE: 'false',
      YARN_NODE_LINKER: 'node-modules',
    },
    all: `yarn install${locked ? ' --immutable' : ''}`,
    production: 'yarn workspaces focus --all --production',
    script: (name) => `yarn run ${name}`,
    program: (name) => `yarn run ${name}`,
  }),
  bun: ({ locked }) => {
    const install = `bun install${locked ? ' --frozen-lockfile' : ''}`;
    return {
      cache: { id: 'bun', target: '/bun/cache' },
      environment: { BUN_INSTALL_CACHE_DIR: '/bun/cache' },
      all: install,
      production: `${install} --production`,
      script: (name) => `bun run ${name}`,
      program: (name) => `bun run ${name}`,
    };
  },
};
