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
export type { ContextEntry, DockerfileFacts } from './lib/dockerfile/lint/dockerfile-facts.ts';
export type {
  DockerfileRule,
  RuleCategory,
  RuleSeverity,
} from './lib/dockerfile/lint/dockerfile-rule.ts';
export { dockerfileRules } from './lib/dockerfile/lint/dockerfile-rules.ts';
export type { Estimate } from './lib/dockerfile/lint/estimates.ts';
export { type FixedDockerfile, fixDockerfile } from './lib/dockerfile/lint/fix-dockerfile.ts';
export {
  formatEstimate,
  githubAnnotations,
  type SarifReport,
  sarifReport,
} from './lib/dockerfile/lint/format-findings.ts';
export { type DockerfileFinding, type LintOptions, lintDockerfile } from './lib/dockerfile/lint/lint-dockerfile.ts';
export { readDockerfileFacts } from './lib/dockerfile/lint/read-dockerfile-facts.ts';
export type { InstallPlan } from './lib/dockerfile/package-manager.ts';
export { prebuiltServer } from './lib/dockerfile/prebuilt-server.ts';
export { type NodeProject, readNodeProject } from './lib/dockerfile/read-node-project.ts';
