export type {
  ConnectorDescription,
  Description,
  JsonSchema,
  PromptDescription,
  ResourceDescription,
  ToolDescription,
} from './lib/description.ts';
export type { Project, Source, SourceKind } from './lib/project.ts';
