import { describe, expect, it } from 'vitest';
import type { Description, ResourceDescription, ToolDescription } from './description.ts';
import { type RenderedFile, renderServer, type ServerPart } from './render-server.ts';

const TOOL: ToolDescription = {
  kind: 'tool',
  name: 'echo',
  listing: { name: 'echo', inputSchema: { type: 'object' } },
  validation: undefined,
  outputValidation: undefined,
  parse: false,
  connectors: [],
  uses: [],
  run: 'main',
  deadline: undefined,
  cache: undefined,
  headers: undefined,
  warnings: [],
};
const RESOURCE: ResourceDescription = {
  kind: 'resource',
  name: 'r',
  listing: { name: 'r', uri: 'a://b' },
  connectors: [],
  subscribe: false,
  complete: false,
  cache: undefined,
  warnings: [],
};
const PROMPT: Description = {
  kind: 'prompt',
  name: 'p',
  listing: { name: 'p' },
  validation: {},
  connectors: [],
  complete: true,
  uses: [],
  warnings: [],
};

const tool = (name: string, more: Partial<ToolDescription> = {}): ServerPart => ({
  file: `tools/${name}.ts`,
  module: `./modules/tools/${name}.js`,
  description: { ...TOOL, name, listing: { ...TOOL.listing, name }, ...more },
});
const connector: ServerPart = {
  file: 'connectors/api.ts',
  module: './modules/connectors/api.js',
  description: { kind: 'connector', name: 'api', warnings: [] },
};

describe('the tools to warm up', () => {
  const rendered = (warmUp: readonly string[] | true) =>
    renderServer({ info: { name: 'n', version: '1.0.0' }, parts: [tool('echo')], options: { warmUp } });

  it('are written into the manifest', () => {
    const manifest = rendered(['echo']).find(({ path }) => path === 'manifest.json');
    expect(JSON.parse(manifest?.contents ?? '')).toMatchObject({ options: { warmUp: ['echo'] } });
  });

  it('must exist', () => {
    expect(() => rendered(['ecko'])).toThrow(
      expect.objectContaining({
        code: 'TOOL_MISSING',
        message: 'Cannot warm up tool "ecko": no tool has that name: found "echo"',
        hint: 'Did you mean "echo"?',
      }),
    );
  });
});

function render(...parts: ServerPart[]): Map<string, string> {
  const files: readonly RenderedFile[] = renderServer({ info: { name: 'n', version: '1.0.0' }, parts });
  return new Map(files.map(({ path, contents }) => [path, contents]));
}

describe('renderServer', () => {
  it('names a store of results only if there is such a connector', () => {
    const options = { resultCache: { store: 'ap', maxBytes: 5 } };
    const request = { info: { name: 'n', version: '1.0.0' }, parts: [connector], options };
    expect(() => renderServer(request)).toThrow(
      expect.objectContaining({
        code: 'CONNECTOR_MISSING',
        message:
          'The configuration (server.resultCache.store) uses connector "ap", but connectors/ap.ts does not exist: found "api"',
        hint: 'Did you mean "api"?',
      }),
    );
    const resultCache = { store: 'api', maxBytes: 5 };
    const files = renderServer({ ...request, options: { resultCache } });
    const manifest = files.find(({ path }) => path === 'manifest.json');
    expect(JSON.parse(manifest?.contents ?? '')).toMatchObject({ options: { resultCache } });
  });

  it('writes an entry, a manifest and the lists that have entries', () => {
    const files = render(
      {
        ...tool('b', {
          parse: true,
          run: 'worker',
          connectors: ['api'],
          uses: ['roots'],
          deadline: 5,
          headers: { '/a': 'A' },
          cache: { ttl: 1, scope: 'user' },
        }),
        validator: './validators/b.js',
        outputValidator: './validators/b.output.js',
      },
      tool('a'),
      tool('B'),
      { file: 'resources/r.ts', module: './r.js', description: { ...RESOURCE, subscribe: true } },
      {
        file: 'resources/t.ts',
        module: './t.js',
        description: { ...RESOURCE, name: 't', listing: { name: 't', uriTemplate: 'a://{b}' }, complete: true },
      },
      { file: 'prompts/p.ts', module: './p.js', validator: './validators/prompts/p.js', description: PROMPT },
      connector,
    );
    expect([...files.keys()]).toEqual([
      'lists/tools.json',
      'lists/resources.json',
      'lists/resourceTemplates.json',
      'lists/prompts.json',
      'main.js',
      'manifest.json',
      'package.json',
    ]);
    expect(files.get('main.js')).toBe(
      "import { main } from './runtime/main.js';\n\nmain({ directory: new URL('./', import.meta.url) });\n",
    );
    expect(JSON.parse(files.get('manifest.json') ?? '')).toEqual({
      format: 1,
      info: { name: 'n', version: '1.0.0' },
      tools: {
        B: { module: './modules/tools/B.js' },
        a: { module: './modules/tools/a.js' },
        b: {
          module: './modules/tools/b.js',
          validator: './validators/b.js',
          outputValidator: './validators/b.output.js',
          parse: true,
          connectors: ['api'],
          deadline: 5,
          run: 'worker',
          uses: ['roots'],
          headers: { '/a': 'A' },
          cache: { ttl: 1, scope: 'user' },
        },
      },
      resources: { 'a://b': { module: './r.js', subscribe: true } },
      resourceTemplates: { 'a://{b}': { module: './t.js', complete: true } },
      prompts: { p: { module: './p.js', validator: './validators/prompts/p.js', complete: true } },
      connectors: { api: { module: './modules/connectors/api.js' } },
      lists: {
        tools: './lists/tools.json',
        resources: './lists/resources.json',
        resourceTemplates: './lists/resourceTemplates.json',
        prompts: './lists/prompts.json',
      },
      options: {},
    });
    expect(files.get('lists/tools.json')).toBe(
      '[{"name":"B","inputSchema":{"type":"object"}},{"name":"a","inputSchema":{"type":"object"}},{"name":"b","inputSchema":{"type":"object"}}]',
    );
  });

  it('gives the same bytes for the same parts in any order', () => {
    const parts = [tool('a'), tool('b'), connector];
    expect(render(...parts)).toEqual(render(...parts.reverse()));
  });

  it('sorts by what things are called, not by where they lie', () => {
    const files = render({ ...tool('z'), file: 'tools/1.ts' }, { ...tool('a'), file: 'tools/2.ts' });
    expect(files.get('lists/tools.json')).toMatch(/"name":"a".*"name":"z"/);
  });

  it('keeps a tool named __proto__ or constructor as any other', () => {
    const manifest: unknown = JSON.parse(render(tool('__proto__'), tool('constructor')).get('manifest.json') ?? '');
    expect(Object.keys(Reflect.get(manifest as object, 'tools') as object)).toEqual(['__proto__', 'constructor']);
  });

  it.each<[string, ServerPart[], object]>([
    [
      'two tools of one name',
      [tool('a'), { ...tool('z'), description: tool('a').description }],
      { code: 'NAME_TAKEN', message: 'Cannot use tool "a": tools/a.ts and tools/z.ts both define it' },
    ],
    [
      'two resources at one URI',
      ['resources/a.ts', 'resources/b.ts'].map((file) => ({ file, module: './x.js', description: RESOURCE })),
      {
        code: 'NAME_TAKEN',
        message: 'Cannot use resource URI "a://b": resources/a.ts and resources/b.ts both define it',
      },
    ],
    [
      'a connector that does not exist',
      [tool('x', { connectors: ['db'] }), connector],
      {
        code: 'CONNECTOR_MISSING',
        file: 'tools/x.ts',
        message: 'Tool "x" uses connector "db", but connectors/db.ts does not exist: found "api"',
      },
    ],
    ['a connector that is misspelt', [tool('x', { connectors: ['apu'] }), connector], { hint: 'Did you mean "api"?' }],
    [
      'a connector where there is none',
      [tool('x', { connectors: ['db'] })],
      { message: expect.stringContaining('there are no connectors') },
    ],
  ])('refuses %s', (_name, parts, error) => {
    expect(() => render(...parts)).toThrow(expect.objectContaining(error));
  });
});
