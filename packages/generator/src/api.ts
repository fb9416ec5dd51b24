export { adviseVersion, type VersionAdvice, type VersionBump } from './lib/api/advise-version.ts';
export { encodeApi, parseApi } from './lib/api/api-file.ts';
export { type ApiChange, compareApis } from './lib/api/compare-apis.ts';
export { type CompareSchemasOptions, compareSchemas, type SchemaChange } from './lib/api/compare-schemas.ts';
export type { SchemaAspect } from './lib/api/schema-finding.ts';
export type { SchemaNode } from './lib/api/schema-parts.ts';
export {
  type ApiEntry,
  type ApiKind,
  describeApi,
  listedApi,
  type ServerApi,
  type ServerLists,
} from './lib/api/server-api.ts';
