import { execFileSync, spawnSync } from 'node:child_process';
import * as main from '@mcpgen/server-runtime-perf';
import * as bundle from '@mcpgen/server-runtime-perf/bundle';
import * as compression from '@mcpgen/server-runtime-perf/compression';
import * as lazy from '@mcpgen/server-runtime-perf/lazy';
import * as pool from '@mcpgen/server-runtime-perf/pool';
import * as redisStore from '@mcpgen/server-runtime-perf/redis-store';
import * as resultCache from '@mcpgen/server-runtime-perf/result-cache';
import * as workerPool from '@mcpgen/server-runtime-perf/worker-pool';
import { describe, expect, it } from 'vitest';

const node = (code: string) => [
  '--conditions=@mcpgen/source',
  '--disable-warning=ExperimentalWarning',
  '--input-type=module',
  '--eval',
  code,
];
const options = { cwd: import.meta.dirname, encoding: 'utf8' } as const;

describe('the public names', () => {
  it.each([
    [
      '.',
      main,
      [
        'RuntimePerfError',
        'compose',
        'lazy',
        'measureLatency',
        'singleFlight',
        'summarizeLatency',
        'withDeadline',
        'withLimit',
      ],
    ],
    ['./lazy', lazy, ['lazy']],
    ['./pool', pool, ['createPool']],
    [
      './compression',
      compression,
      [
        'CONTENT_ENCODINGS',
        'compressBody',
        'createEventCompressor',
        'createNegotiator',
        'createReadyBody',
        'createStaticBody',
        'sendStatic',
      ],
    ],
    [
      './result-cache',
      resultCache,
      [
        'canonicalJson',
        'createMemoryStore',
        'createResultCacheCounter',
        'createResultKey',
        'resultKey',
        'withResultCache',
      ],
    ],
    ['./redis-store', redisStore, ['createRedisStore']],
    ['./worker-pool', workerPool, ['createWorkerPool']],
    ['./bundle', bundle, ['workerPoolBundle']],
  ])('of "%s" are these', (_, entry, names) => {
    expect(Object.keys(entry).sort()).toEqual(names);
  });
});

describe('loading the package', () => {
  it('loads nothing but its own files: neither piscina nor lru-cache nor a module of Node', () => {
    const code = `
      import { registerHooks } from 'node:module';
      const loaded = [];
      registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
      await import('@mcpgen/server-runtime-perf');
      console.log(JSON.stringify(loaded));`;
    const loaded: unknown = JSON.parse(execFileSync(process.execPath, node(code), options));
    expect(loaded).toContainEqual(expect.stringMatching(/server-runtime-perf\/src\/lib\/lazy\.ts$/));
    expect(loaded).not.toContainEqual(expect.stringMatching(/node:|node_modules/));
  });
});

describe('a program that leaves its pool open', () => {
  it('ends by itself: no timer of the pool keeps it alive', () => {
    const code = `
      import { createPool } from '@mcpgen/server-runtime-perf/pool';
      const pool = createPool({ open: () => ({}), min: 1, max: 2 });
      (await pool.acquire()).release();
      await pool.acquire();
      process.stdout.write('done');`;
    const { status, stdout } = spawnSync(process.execPath, node(code), { ...options, timeout: 20_000 });
    expect([status, stdout]).toEqual([0, 'done']);
  });
});

describe('a program that uses the worker pool', () => {
  const code = `
    import { createWorkerPool } from '@mcpgen/server-runtime-perf/worker-pool';
    const module = ${JSON.stringify(new URL('./fixtures/kinds.js', import.meta.url))};
    const pool = createWorkerPool({ module });
    process.stdout.write('result: ' + await pool.run({ input: { kind: 'prints' } }));`;

  it('ends by itself, with nothing of the handler on its standard output', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, node(code), options);
    expect([status, stdout]).toEqual([0, 'result: done']);
    // What a thread prints reaches its process by messages: the last of them may come after the end.
    const printed = stderr.split('\n').filter((line) => line !== '');
    expect(['printed by console', 'printed to stdout']).toEqual(expect.arrayContaining(printed));
  });
});
