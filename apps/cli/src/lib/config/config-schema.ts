import * as z from 'zod';
import type { Config } from './config.ts';
import { durationProblem } from './duration.ts';
import { sizeProblem } from './size.ts';

const text = z.string().min(1);
const duration = z.custom<number | string>((value) => durationProblem(value) === undefined, {
  error: ({ input }) => durationProblem(input),
});

const size = z.custom<number | string>((value) => sizeProblem(value) === undefined, {
  error: ({ input }) => sizeProblem(input),
});

/** One amount, or one that warns and one that fails. */
function limitOf(amount: typeof duration, example: string) {
  return z.union(
    [amount, z.strictObject({ warn: amount.optional(), fail: amount.optional() })],
    `expected ${example}, or { warn, fail } of such`,
  );
}
const timeLimit = limitOf(duration, 'a time such as "30s"');
const sizeLimit = limitOf(size, 'a size such as "80MB"');

const budgets = z.strictObject({
  buildTime: timeLimit.optional(),
  steps: z.record(text, timeLimit).optional(),
  imageSize: sizeLimit.optional(),
  layers: z.record(text, sizeLimit).optional(),
  serverSize: sizeLimit.optional(),
  tools: z.record(text, sizeLimit).optional(),
  serverStart: timeLimit.optional(),
});

const compression = z.strictObject({
  threshold: z.number().int().nonnegative().optional(),
  encodings: z.array(z.enum(['br', 'gzip', 'zstd'])).optional(),
  results: z.enum(['all', 'anonymous', 'none']).optional(),
  streams: z.boolean().optional(),
});

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
      auth: text.optional(),
      allowedHosts: z.array(text).optional(),
      allowedOrigins: z.array(text).optional(),
      bodyLimit: z.number().int().positive().optional(),
      resultLimit: z.number().int().positive().optional(),
      deadline: duration.optional(),
      pageSize: z.number().int().positive().optional(),
      listTtl: duration.optional(),
      listScope: z.enum(['public', 'private']).optional(),
      warmUp: z.union([z.array(text), z.literal(true)], 'expected names of tools, or true for all').optional(),
      metrics: z.boolean().optional(),
      resultCache: z
        .strictObject({
          maxBytes: z.number().int().positive().optional(),
          maxEntries: z.number().int().positive().optional(),
          store: text.optional(),
        })
        .optional(),
      compression: z
        .union([z.literal(false), compression], 'expected false, or { threshold, encodings, results, streams }')
        .optional(),
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
      env: z.array(z.string().regex(/^[A-Za-z_]\w*$/, 'expected the name of an environment value')).optional(),
    })
    .optional(),
  image: z
    .strictObject({
      builder: z
        .string()
        .regex(/^(daemonless|docker|buildx(:[\w.-]+)?)$/, 'expected daemonless, docker, buildx or buildx:NAME')
        .optional(),
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
      sbom: z.boolean().optional(),
      provenance: z.boolean().optional(),
    })
    .optional(),
  cache: z
    .strictObject({
      directory: text.optional(),
      maxBytes: z.number().int().positive().optional(),
      from: z
        .union([text, z.array(text)], 'expected a reference such as "ghcr.io/owner/cache:main", or a list')
        .optional(),
      to: text.optional(),
      publicKeys: z.array(text).optional(),
      unsignedTags: z.array(z.string().regex(/^[\w.*-]+$/, 'expected a tag such as "pr-*"')).optional(),
      patience: duration.optional(),
    })
    .optional(),
  budgets: budgets.optional(),
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
  return { issues: result.error.issues.map(describeIssue) };
}

function describeIssue(issue: z.core.$ZodIssue): ConfigIssue {
  const path = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys') return { path, message: issue.message };
  const known = fieldsAt(configSchema, issue.path);
  return { path, message: `unknown field "${issue.keys.join('", "')}", expected ${known.join(', ')}` };
}

/** The names of the fields that an object of the schema may have. */
function fieldsAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  let current = schema;
  for (const step of path) {
    if (current instanceof z.ZodOptional) current = current.unwrap();
    const next = current instanceof z.ZodObject ? current.shape[String(step)] : undefined;
    if (next === undefined) return [];
    current = next;
  }
  if (current instanceof z.ZodOptional) current = current.unwrap();
  return current instanceof z.ZodObject ? Object.keys(current.shape) : [];
}
