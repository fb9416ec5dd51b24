import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a bundler must be told so that the worker pool still finds its threads' files. The names are esbuild's. */
export interface WorkerPoolBundle {
  /**
   * Entry points by output name: they must come out beside the chunk that holds the pool. `worker` is what piscina
   * starts, `tool-worker` what that loads.
   */
  readonly entryPoints: { readonly worker: string; readonly 'tool-worker': string };
  readonly define: Readonly<Record<string, string>>;
  readonly banner: { readonly js: string };
  /** Optional native parts of piscina that the pool does not use. */
  readonly external: string[];
}

/** For whoever bundles a program that uses `./worker-pool` into ES modules: `build({ ...options, ...workerPoolBundle() })`. */
export function workerPoolBundle(): WorkerPoolBundle {
  const piscina = dirname(createRequire(import.meta.url).resolve('piscina'));
  return {
    entryPoints: {
      worker: join(piscina, 'worker.js'),
      'tool-worker': fileURLToPath(new URL('./tool-worker.js', import.meta.url)),
    },
    define: { __dirname: 'import.meta.dirname' },
    // piscina is CommonJS and requires nothing but Node's own modules
    banner: { js: 'const require = process.getBuiltinModule;' },
    external: ['@napi-rs/nice'],
  };
}
