import { buildSync } from 'esbuild';
import { emptyManifest, type McpgenFixture } from './mcpgen-fixture.ts';
import { listTools } from './variants/tools.js';

const names = listTools(100).map(({ name }) => name);

/** A server of 100 tools, each in a file of its own that makes a zod schema, as a build leaves them. */
export function lazyServer(fixture: McpgenFixture): string {
  return fixture.write('lazy', zodServerFiles());
}

/** The same, with all its tools imported before it serves. */
export function eagerServer(fixture: McpgenFixture): string {
  const imports = names.map((name) => `import './modules/tools/${name}.js';`);
  const main = `import { main } from './runtime/main.js';\nmain({ directory: new URL('./', import.meta.url) });\n`;
  return fixture.write('eager', { ...zodServerFiles(), 'main.js': `${imports.join('\n')}\n${main}` });
}

function zodServerFiles(): Record<string, string> {
  const entries = names.map((name) => [name, { module: `./modules/tools/${name}.js` }]);
  const manifest = { ...emptyManifest, tools: Object.fromEntries(entries), lists: { tools: './lists/tools.json' } };
  return {
    'manifest.json': JSON.stringify(manifest),
    'lists/tools.json': JSON.stringify(listTools(names.length)),
    'deps/zod.js': bundledZod(),
    ...Object.fromEntries(names.map((name) => [`modules/tools/${name}.js`, TOOL])),
  };
}

const TOOL = `import { z } from '../../deps/zod.js';
const input = z.object({ id: z.string(), query: z.string().optional(), limit: z.int().min(1).max(100).optional() });
export default { input, handler: ({ id }) => id };
`;

function bundledZod(): string {
  const { outputFiles } = buildSync({
    stdin: { contents: "export { z } from 'zod';", resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
  });
  return outputFiles[0]?.text ?? '';
}
