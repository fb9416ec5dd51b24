/** Parameters that many commands take. */
export const text = (input: string): string => input;

export const json = {
  kind: 'boolean',
  brief: 'Print one JSON object on stdout',
  default: false,
  withNegated: false,
} as const;

export const config = {
  kind: 'parsed',
  parse: text,
  brief: 'Configuration file, default mcpgen.config.{ts,mts,js,mjs,json}',
  placeholder: 'file',
  optional: true,
} as const;

export const directory = {
  kind: 'tuple',
  parameters: [
    { brief: 'Project directory, default the current one', placeholder: 'directory', parse: text, optional: true },
  ],
} as const;

export const profile = {
  kind: 'enum',
  values: ['fast', 'standard', 'optimized'],
  brief: 'Preset, default standard',
  optional: true,
} as const;

export const out = {
  kind: 'parsed',
  parse: text,
  brief: 'Output directory, default dist',
  placeholder: 'directory',
  optional: true,
} as const;

export const cacheFrom = {
  kind: 'parsed',
  parse: text,
  brief: 'Caches to ask for what is not here, such as ghcr.io/owner/cache:main',
  placeholder: 'reference',
  variadic: true,
  optional: true,
} as const;

/** What a build may take: of commands that make one or speak of one. */
export const budgetFlags = {
  budget: {
    kind: 'parsed',
    parse: text,
    variadic: true,
    brief: 'A limit that fails the build, such as imageSize=80MB; again for more',
    placeholder: 'name=limit',
    optional: true,
  },
  overBudget: {
    kind: 'enum',
    values: ['fail', 'warn', 'ignore'],
    brief: 'What a passed budget does, default as it says itself',
    optional: true,
  },
} as const;

/** A switch that is off unless it is named. */
export const flag = (brief: string) => ({ kind: 'boolean', brief, default: false, withNegated: false }) as const;

/** A value that may be left out. */
export const word = (brief: string, placeholder: string) =>
  ({ kind: 'parsed', parse: text, brief, placeholder, optional: true }) as const;

export const cacheTo = {
  kind: 'parsed',
  parse: text,
  brief: 'Cache to send what is made to',
  placeholder: 'reference',
  optional: true,
} as const;
