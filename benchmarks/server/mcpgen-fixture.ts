import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createBundler } from '@mcpgen/build-optimizer/bundle';
import { listTools } from './variants/tools.js';

/** A built server of our own, written by hand as `mcpgen build` would. */
export interface McpgenFixture extends Disposable {
  /** `main.js` of the server with so many tools. */
  main(tools: number): string;
}

/** Bundles the runtime once and writes one server per number of tools. */
export async function createMcpgenFixture(toolCounts: readonly number[]): Promise<McpgenFixture> {
  const directory = mkdtempSync(join(tmpdir(), 'mcpgen-benchmark-'));
  for (const count of toolCounts) {
    const server = join(directory, String(count));
    mkdirSync(server);
    await bundleRuntime(server);
    writeServer(server, count);
  }
  return {
    main: (tools) => join(directory, String(tools), 'main.js'),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** The very files that `mcpgen build` writes. */
async function bundleRuntime(outDirectory: string): Promise<void> {
  const bundler = createBundler({ directory: outDirectory, outDirectory, minify: true, sourcemap: false });
  await bundler.bundleRuntime({ entry: fileURLToPath(import.meta.resolve('@mcpgen/server/main')) });
  await bundler.close();
}

function writeServer(directory: string, count: number): void {
  const tools = listTools(count);
  const write = (path: string, text: string) => writeFileSync(join(directory, path), text);
  for (const folder of ['modules/tools', 'validators', 'lists'])
    mkdirSync(join(directory, folder), { recursive: true });
  write('package.json', '{"type":"module"}\n');
  write(
    'main.js',
    "import { main } from './runtime/main.js';\nawait main({ directory: new URL('./', import.meta.url) });\n",
  );
  write('modules/tools/echo.js', 'export default { handler: ({ text }) => text };\n');
  write('validators/echo.js', echoValidator);
  write('lists/tools.json', JSON.stringify(tools));
  write('manifest.json', JSON.stringify(manifestOf(tools.map(({ name }) => name))));
}

const echoValidator = `export default (input) => {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return [{ path: '', message: 'must be object' }];
  if (typeof input.text !== 'string') return [{ path: '/text', message: 'must be string' }];
  for (const key in input) if (key !== 'text') return [{ path: '/' + key, message: 'is unknown' }];
  return true;
};
`;

function manifestOf(names: readonly string[]): object {
  const files = { module: './modules/tools/echo.js', validator: './validators/echo.js' };
  return {
    format: 1,
    info: { name: 'benchmark', version: '1.0.0' },
    tools: Object.fromEntries(names.map((name) => [name, files])),
    resources: {},
    resourceTemplates: {},
    prompts: {},
    connectors: {},
    lists: { tools: './lists/tools.json' },
    options: {},
  };
}
