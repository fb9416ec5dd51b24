export {
  checkDockerignore,
  type DockerignoreCheck,
  type DockerignoreProblem,
  dockerignoreFilter,
} from './lib/dockerfile/check-dockerignore.ts';
export type {
  ApplicationSource,
  DockerfileOptions,
  DockerfileSource,
  DockerfileVariant,
  PrebuiltCopy,
  PrebuiltSource,
  ServerSource,
} from './lib/dockerfile/dockerfile-options.ts';
export { DockerfileError, type DockerfileErrorCode } from './lib/dockerfile/errors.ts';
export { generateDockerfile } from './lib/dockerfile/generate-dockerfile.ts';
export { type DockerignoreOptions, generateDockerignore } from './lib/dockerfile/generate-dockerignore.ts';
export type { InstallPlan } from './lib/dockerfile/package-manager.ts';
export { prebuiltServer } from './lib/dockerfile/prebuilt-server.ts';
export { type NodeProject, readNodeProject } from './lib/dockerfile/read-node-project.ts';
