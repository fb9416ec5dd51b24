import { emptyManifest } from './mcpgen-fixture.ts';

/** Where a server of the benchmark keeps its results. `far`: it has no memory for them, so that each comes from Redis. */
export type ResultsIn = 'nowhere' | 'memory' | 'Redis, near' | 'Redis, far';

/** The files of a server whose one tool computes for 5 ms. */
export function cachedServer(where: ResultsIn, redisUrl: string): Readonly<Record<string, string>> {
  const tool = {
    name: 'work',
    description: 'Computes for 5 ms',
    inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
    annotations: { readOnlyHint: true },
  };
  const resultCache = { store: 'redis', ...(where === 'Redis, far' && { maxBytes: 1 }) };
  const manifest = {
    ...emptyManifest,
    tools: {
      work: {
        module: './modules/tools/work.js',
        ...(where !== 'nowhere' && { cache: { ttl: 3_600_000, scope: 'user' } }),
      },
    },
    connectors: { redis: { module: './modules/connectors/redis.js' } },
    lists: { tools: './lists/tools.json' },
    options: where.startsWith('Redis') ? { resultCache } : {},
  };
  return {
    'modules/tools/work.js': WORK,
    'modules/connectors/redis.js': connector(redisUrl),
    'lists/tools.json': JSON.stringify([tool]),
    'manifest.json': JSON.stringify(manifest),
  };
}

/** Hashes until 5 ms are over, which is the same amount of time on any machine. */
const WORK = `import { hash } from 'node:crypto';
export default {
  handler: ({ text }) => {
    const end = performance.now() + 5;
    let digest = text;
    while (performance.now() < end) digest = hash('sha256', digest);
    return text;
  },
};
`;

const connector = (
  url: string,
) => `import { createClient } from ${JSON.stringify(import.meta.resolve('@redis/client'))};
export default { open: () => createClient({ url: ${JSON.stringify(url)} }).on('error', () => {}).connect() };
`;
