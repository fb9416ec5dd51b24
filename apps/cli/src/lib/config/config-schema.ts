import * as z from 'zod';
import type { Config } from './config.ts';

const text = z.string().min(1);
const duration = z.union([
  z.number().int().positive(),
  z.string().regex(/^\d+(ms|s|m|h|d)$/, 'expected a time such as "30s" or "5m"'),
]);

/** What `mcpgen.config.ts` may hold; unknown fields are refused so that a misspelt one is noticed. */
export const configSchema = z.strictObject({
  name: text.optional(),
  version: text.optional(),
  title: text.optional(),
  description: text.optional(),
  websiteUrl: z.url().optional(),
  instructions: text.optional(),
  server: z
    .strictObject({
      path: z
        .string()
        .regex(/^\/[\w\-./]*$/, 'expected a path such as "/mcp"')
        .optional(),
      allowedHosts: z.array(text).optional(),
      allowedOrigins: z.array(text).optional(),
      bodyLimit: z.number().int().positive().optional(),
      deadline: duration.optional(),
      pageSize: z.number().int().positive().optional(),
      listTtl: duration.optional(),
      listScope: z.enum(['public', 'private']).optional(),
    })
    .optional(),
  build: z
    .strictObject({
      profile: z.enum(['fast', 'standard', 'optimized']).optional(),
      outDirectory: text.optional(),
      minify: z.boolean().optional(),
      typecheck: z.boolean().optional(),
      concurrency: z.number().int().min(1).max(256).optional(),
      describeDeadline: duration.optional(),
    })
    .optional(),
  image: z
    .strictObject({
      base: text.optional(),
      platforms: z
        .array(z.string().regex(/^[a-z0-9]+\/[a-z0-9]+(\/v\d)?$/, 'expected a platform such as "linux/amd64"'))
        .min(1)
        .optional(),
      compression: z.enum(['none', 'gzip', 'zstd']).optional(),
      port: z.number().int().min(1).max(65535).optional(),
      env: z.record(z.string(), z.string()).optional(),
      labels: z.record(z.string(), z.string()).optional(),
      annotations: z.record(z.string(), z.string()).optional(),
      user: text.optional(),
    })
    .optional(),
  cache: z.strictObject({ directory: text.optional(), maxBytes: z.number().int().positive().optional() }).optional(),
});

/** One thing that is wrong: where in the configuration, and what was expected there. */
export interface ConfigIssue {
  readonly path: string;
  readonly message: string;
}

/** Checks what a configuration file exported. */
export function parseConfig(value: unknown): { readonly config: Config } | { readonly issues: readonly ConfigIssue[] } {
  const result = configSchema.safeParse(value);
  // The schema and the interface are kept in step by config-schema.test.ts.
  if (result.success) return { config: result.data as Config };
  return { issues: result.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })) };
}
