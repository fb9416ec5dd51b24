import { checkDockerignore } from './check-dockerignore.ts';
import { checkPath } from './dockerfile-syntax.ts';

export interface DockerignoreOptions {
  /** Where builds write, relative to the project. Default `dist`. */
  readonly outDirectory?: string;
  /** Default `.cache/mcpgen`. */
  readonly cacheDirectory?: string;
  /** Files that the build reads, relative to the project: brought back where a pattern leaves one out. Never secrets. */
  readonly needs?: readonly string[];
  /** For a Dockerfile that takes what lies in this directory, and nothing else. */
  readonly only?: string;
}

const GROUPS: readonly (readonly [title: string, patterns: readonly string[]])[] = [
  ['Made by tools', ['**/node_modules', '.cache', '**/*.tsbuildinfo', '**/.turbo', '**/coverage', '**/.nyc_output']],
  [
    'Version control and editors',
    ['**/.git', '.github', '.gitlab-ci.yml', '.vscode', '.idea', '**/.DS_Store', '**/*.swp'],
  ],
  ['Tests', ['**/*.test.*', '**/*.spec.*', '**/__tests__', '**/__snapshots__', 'test', 'tests', 'e2e']],
  ['Logs', ['**/*.log', 'logs']],
  ['Images and documents', ['**/Dockerfile*', '**/*.dockerignore', 'compose*.y*ml', 'docker-compose*.y*ml', '*.md']],
];

/** What must not reach a builder, whose cache and layers keep it. */
export const SECRET_PATTERNS: readonly string[] = [
  '**/.env',
  '**/.env.*',
  '**/.npmrc',
  '**/.netrc',
  '**/.aws',
  '**/.ssh',
  '**/.docker',
  '**/.kube',
  '**/*.key',
  '**/*.p12',
  '**/*.pem',
  '**/*.pfx',
  '**/id_dsa*',
  '**/id_ecdsa*',
  '**/id_ed25519*',
  '**/id_rsa*',
  'secrets',
];

/**
 * Writes a .dockerignore: what no build needs stays out, so that the context is small, nothing in it spoils the cache, and
 * no secret reaches a layer.
 */
export function generateDockerignore(options: DockerignoreOptions = {}): string {
  if (options.only !== undefined) return allowOnly(options.only);
  const { outDirectory = 'dist', cacheDirectory = '.cache/mcpgen', needs = [] } = options;
  for (const path of [outDirectory, cacheDirectory]) checkPath(path);
  const [[made, patterns] = ['', []], ...rest] = GROUPS;
  const groups = [[made, [outDirectory, cacheDirectory, ...patterns]] as const, ...rest];
  const text = groups.map(([title, lines]) => `# ${title}\n${lines.join('\n')}\n`).join('\n');
  const lost = checkDockerignore(text, { needs }).map(({ path }) => `!${path}`);
  const back = lost.length === 0 ? '' : `\n# The build reads these\n${lost.join('\n')}\n`;
  return `${text}${back}\n# Secrets\n${SECRET_PATTERNS.join('\n')}\n`;
}

function allowOnly(directory: string): string {
  checkPath(directory);
  return `# Nothing but what the image is made of\n*\n!${directory}\n**/*.js.map\n`;
}
