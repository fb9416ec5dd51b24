import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createBundler } from '@mcpgen/build-optimizer/bundle';
import { listTools } from './variants/tools.js';

/** What a server of the fixture has besides its tools. `deadline`: a handler that waits, and so is timed. */
export type Feature = 'metrics' | 'deadline' | 'cache' | 'authenticate';

/** Built servers of our own, written by hand as `mcpgen build` would. */
export interface McpgenFixture extends Disposable {
  /** `main.js` of the server with so many tools; with features it is a program of one's own that serves them. */
  main(tools: number, features?: readonly Feature[]): string;
  /** A server of other files: paths and what they hold, besides `runtime/` and `main.js`. */
  write(name: string, files: Readonly<Record<string, string>>): string;
}

/** Bundles the runtime once; servers are written when they are asked for. */
export async function createMcpgenFixture(): Promise<McpgenFixture> {
  const directory = mkdtempSync(join(tmpdir(), 'mcpgen-benchmark-'));
  await bundleRuntime(join(directory, 'main'), fileURLToPath(import.meta.resolve('@mcpgen/server/main')));
  await bundleRuntime(join(directory, 'served'), fileURLToPath(new URL('./variants/served.ts', import.meta.url)));
  const known = new Map<string, string>();
  const write = (name: string, entry: 'main' | 'served', files: Readonly<Record<string, string>>): string => {
    const server = join(directory, name.replaceAll(' ', '-'));
    cpSync(join(directory, entry), server, { recursive: true });
    for (const [path, text] of Object.entries({ 'package.json': '{"type":"module"}\n', ...files })) {
      mkdirSync(join(server, path, '..'), { recursive: true });
      writeFileSync(join(server, path), text);
    }
    return join(server, 'main.js');
  };
  return {
    main: (tools, features) => {
      const name = [tools, ...(features ?? [])].join(' ');
      const entry = features === undefined ? 'main' : 'served';
      const main = known.get(`${entry} ${name}`) ?? write(`${entry} ${name}`, entry, serverFiles(tools, features));
      known.set(`${entry} ${name}`, main);
      return main;
    },
    write: (name, files) => write(name, 'main', { 'main.js': MAIN, ...files }),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** The very files that `mcpgen build` writes. */
async function bundleRuntime(outDirectory: string, entry: string): Promise<void> {
  const bundler = createBundler({ directory: outDirectory, outDirectory, minify: true, sourcemap: false });
  await bundler.bundleRuntime({ entry });
  await bundler.close();
}

const MAIN = `import { main } from './runtime/main.js';\nmain({ directory: new URL('./', import.meta.url) });\n`;

function serverFiles(count: number, features: readonly Feature[] | undefined): Record<string, string> {
  const has = (feature: Feature) => features?.includes(feature) === true;
  const served = `import { serve } from './runtime/served.js';\nserve(new URL('./', import.meta.url), { authenticate: ${has('authenticate')} });\n`;
  const tools = listTools(count).map((tool) =>
    has('cache') ? { ...tool, annotations: { readOnlyHint: true } } : tool,
  );
  const entry = {
    module: './modules/tools/echo.js',
    validator: './validators/echo.js',
    ...(has('cache') && { cache: { ttl: 3_600_000, scope: 'user' } }),
  };
  const manifest = {
    ...emptyManifest,
    tools: Object.fromEntries(tools.map(({ name }) => [name, entry])),
    lists: { tools: './lists/tools.json' },
    options: has('metrics') ? { metrics: true } : {},
  };
  return {
    'main.js': features === undefined ? MAIN : served,
    'modules/tools/echo.js': `export default { handler: ${has('deadline') ? 'async ' : ''}({ text }) => text };\n`,
    'validators/echo.js': echoValidator,
    'lists/tools.json': JSON.stringify(tools),
    'manifest.json': JSON.stringify(manifest),
  };
}

export const emptyManifest = {
  format: 1,
  info: { name: 'benchmark', version: '1.0.0' },
  tools: {},
  resources: {},
  resourceTemplates: {},
  prompts: {},
  connectors: {},
  lists: {},
  options: {},
};

const echoValidator = `export default (input) => {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return [{ path: '', message: 'must be object' }];
  if (typeof input.text !== 'string') return [{ path: '/text', message: 'must be string' }];
  for (const key in input) if (key !== 'text') return [{ path: '/' + key, message: 'is unknown' }];
  return true;
};
`;
