import { emptyManifest, type McpgenFixture } from './mcpgen-fixture.ts';

/** A server with a tool for each way that a call can go, and one that says what is left on the heap. */
export function leakServer(fixture: McpgenFixture): string {
  const tools: Readonly<
    Record<string, { readonly source: string; readonly entry?: object; readonly listed?: object }>
  > = {
    echo: { source: '{ handler: ({ text }) => text }' },
    cached: {
      source: '{ handler: ({ text }) => text }',
      entry: { cache: { ttl: 3_600_000, scope: 'user' } },
      listed: { annotations: { readOnlyHint: true } },
    },
    fails: { source: "{ handler: () => { throw new Error('no'); } }" },
    streams: {
      source:
        '{ handler: async (input, { progress }) => { for (let part = 1; part <= 5; part++) progress(part); return "done"; } }',
    },
    slow: {
      source:
        '{ handler: (input, { signal }) => new Promise((resolve) => signal.addEventListener("abort", () => resolve("left"))) }',
    },
    worker: { source: '{ handler: ({ text }) => text }', entry: { run: 'worker' } },
    // Makes sessions necessary in the 2025 era.
    asks: { source: '{ handler: () => "asked" }', entry: { uses: ['elicitation'] } },
    heap: { source: '{ handler: () => { gc(); gc(); return String(process.memoryUsage().heapUsed); } }' },
  };
  const names = Object.keys(tools);
  const entries = names.map((name) => [name, { module: `./modules/tools/${name}.js`, ...tools[name]?.entry }]);
  const list = names.map((name) => ({ name, inputSchema: { type: 'object' }, ...tools[name]?.listed }));
  const manifest = {
    ...emptyManifest,
    tools: Object.fromEntries(entries),
    lists: { tools: './lists/tools.json' },
    options: { metrics: true },
  };
  return fixture.write('leak', {
    'manifest.json': JSON.stringify(manifest),
    'lists/tools.json': JSON.stringify(list),
    ...Object.fromEntries(
      names.map((name) => [`modules/tools/${name}.js`, `export default ${tools[name]?.source};\n`]),
    ),
  });
}
