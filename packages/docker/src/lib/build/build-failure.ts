import { type DockerError, dockerBuildError } from '../errors.ts';
import type { BuildTrace } from './build-trace.ts';

/** What BuildKit's words for a failure stand for. The first that fits. */
const KNOWN: readonly {
  readonly pattern: RegExp;
  readonly code: 'DOCKER_BASE_NOT_FOUND' | 'DOCKER_DISK_FULL' | 'DOCKER_REGISTRY_REFUSED' | 'DOCKER_SECRET_MISSING';
  readonly hint: string;
}[] = [
  {
    pattern: /no space left on device/i,
    code: 'DOCKER_DISK_FULL',
    hint: 'Make room where Docker keeps its data: `docker system df` shows what takes it, `docker builder prune` frees the build cache.',
  },
  {
    pattern: /secret .*not found/i,
    code: 'DOCKER_SECRET_MISSING',
    hint: 'The Dockerfile mounts a secret that this build was not given.',
  },
  {
    pattern:
      /failed to push|push access|insufficient_scope|denied|unauthorized|authentication required|failed to authorize/i,
    code: 'DOCKER_REGISTRY_REFUSED',
    hint: 'Sign in with `docker login REGISTRY`, and see whether the name may be pushed or read with that account.',
  },
  {
    pattern: /failed to resolve source metadata|manifest unknown|pull access|: not found$/i,
    code: 'DOCKER_BASE_NOT_FOUND',
    hint: 'See whether the base image in FROM exists for this platform and can be reached from where Docker runs.',
  },
];

/** The error of a build that failed: BuildKit's words, the step, and what the step printed last. */
export function buildFailure(said: string, failed: ReturnType<BuildTrace['failure']>, host: string): DockerError {
  const known = KNOWN.find(({ pattern }) => pattern.test(said));
  return dockerBuildError(said.replace(/^failed to solve: /, ''), {
    host,
    code: known?.code ?? 'DOCKER_BUILD_FAILED',
    hint: known?.hint ?? 'What the step printed last stands above: mend it in the Dockerfile or in what it runs.',
    ...(failed !== undefined && { step: failed.step, lines: failed.lines }),
  });
}
