import dockerignore from '@balena/dockerignore';

export interface DockerignoreCheck {
  /** Files that the build reads: each must be in. */
  readonly needs?: readonly string[];
  /** What must be left out, as paths relative to the context. */
  readonly unwanted?: readonly string[];
}

export interface DockerignoreProblem {
  /** Builders refuse a file with an invalid pattern; its `path` is that pattern. */
  readonly kind: 'invalid-pattern' | 'needed-but-left-out' | 'unwanted-but-in';
  readonly path: string;
}

/**
 * Whether a path is left out of the context, by the rules of Docker (which are not those of git). Invalid patterns are passed
 * over: `checkDockerignore` names them.
 */
export function dockerignoreFilter(text: string): (path: string) => boolean {
  const filter = dockerignore.default({ ignorecase: false });
  filter.add(patternsOf(text).filter(isValid));
  return (path) => filter.ignores(path);
}

/** What a .dockerignore leaves out though the build needs it, and lets in though nobody should have it. */
export function checkDockerignore(
  text: string,
  { needs = [], unwanted = [] }: DockerignoreCheck,
): readonly DockerignoreProblem[] {
  const isLeftOut = dockerignoreFilter(text);
  const invalid = patternsOf(text).filter((pattern) => !isValid(pattern));
  return [
    ...invalid.map((path) => ({ kind: 'invalid-pattern' as const, path })),
    ...needs.filter(isLeftOut).map((path) => ({ kind: 'needed-but-left-out' as const, path })),
    ...unwanted.filter((path) => !isLeftOut(path)).map((path) => ({ kind: 'unwanted-but-in' as const, path })),
  ];
}

/** More stars than two mean what two mean, and would take the matcher ages. */
function patternsOf(text: string): readonly string[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  return lines.filter((line) => !line.startsWith('#')).map((line) => line.replaceAll(/\*{3,}/g, '**'));
}

const LONGEST_PATTERN = 512;

function isValid(pattern: string): boolean {
  if (pattern.length > LONGEST_PATTERN) return false;
  try {
    dockerignore.default({ ignorecase: false }).add(pattern).ignores('any/path');
    return true;
  } catch {
    return false;
  }
}
