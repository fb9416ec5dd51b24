export { type CompileValidatorOptions, compileValidator } from './lib/compile-validator.ts';
export type { DescribeRequest } from './lib/describe-messages.ts';
export { createDescriber, type Describer, type DescriberOptions } from './lib/describer.ts';
export type {
  CacheDescription,
  ClientFeature,
  ConnectorDescription,
  Description,
  JsonSchema,
  PromptDescription,
  ResourceDescription,
  ToolDescription,
} from './lib/description.ts';
export { type DiscoverOptions, discoverProject } from './lib/discover-project.ts';
export { GeneratorError, type GeneratorErrorCode, type GeneratorErrorFacts } from './lib/errors.ts';
export type {
  DescriberEvent,
  GeneratorEvent,
  ModuleOutputEvent,
  OnGeneratorEvent,
  WarningEvent,
} from './lib/event.ts';
export type { Project, Source, SourceKind } from './lib/project.ts';
export { type RenderedFile, type RenderRequest, renderServer, type ServerPart } from './lib/render-server.ts';
export { listTemplates, type ScaffoldOptions, type ScaffoldResult, scaffold, type Template } from './lib/scaffold.ts';
