import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A server of ten tools, in one of two forms, with its packages installed. */
export interface ImageProject extends Disposable {
  readonly directory: string;
  /** Changes the code of one tool, another way each time. */
  editTool(): void;
  /** Changes the version of a package in package.json and the lockfile, and installs it. Milliseconds of the package manager. */
  editPackages(): number;
  /** The sources and the lockfile in a new directory, as a CI machine checks them out. */
  checkOut(): string;
  /** Takes away what builds left. */
  clean(): void;
}

/** How the ten tools are served: by mcpgen, or as the documentation of the official SDK has it, compiled by tsc. */
export type ProjectForm = 'mcpgen' | 'sdk';

const PACKAGES = { pg: '8.16.3', pino: '9.9.0', zod: '4.1.5' };
/** Two versions that change places. */
const UNDICI = ['7.15.0', '7.14.0'] as const;
const TOOLS = Array.from({ length: 10 }, (_, index) => `tool${index}`);

export function createImageProject(form: ProjectForm): ImageProject {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), `mcpgen-benchmark-${form}-`)));
  const copies: string[] = [];
  let edits = 0;
  let installs = 0;
  const write = (files: Readonly<Record<string, string>>): void => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
  };
  const install = (): number => {
    write({ 'package.json': packageJson(form, UNDICI[installs++ % 2] ?? UNDICI[0]) });
    const began = performance.now();
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--silent'], { cwd: directory });
    const took = performance.now() - began;
    if (form === 'mcpgen') linkOwn(join(directory, 'node_modules'));
    return took;
  };
  write(form === 'mcpgen' ? toolFiles() : sdkFiles());
  install();
  return {
    directory,
    editTool: () => write({ [`${form === 'sdk' ? 'src/' : ''}tools/tool5.ts`]: toolOf(form, 'tool5', ++edits) }),
    editPackages: install,
    checkOut: () => {
      const copy = mkdtempSync(`${directory}-checkout-`);
      const left = new Set(['node_modules', 'dist', '.cache'].map((name) => join(directory, name)));
      cpSync(directory, copy, { recursive: true, filter: (source) => !left.has(source) });
      copies.push(copy);
      return copy;
    },
    clean: () => {
      for (const name of ['.cache', 'dist']) rmSync(join(directory, name), { recursive: true, force: true });
    },
    [Symbol.dispose]: () => {
      for (const path of [directory, ...copies]) rmSync(path, { recursive: true, force: true });
    },
  };
}

/** The packages of this repository, which no registry has in this version. */
function linkOwn(modules: string): void {
  const own = fileURLToPath(new URL('../node_modules/', import.meta.url));
  mkdirSync(join(modules, '@mcpgen'), { recursive: true });
  for (const name of ['mcpgen', '@mcpgen/server']) {
    rmSync(join(modules, name), { force: true });
    symlinkSync(realpathSync(join(own, name)), join(modules, name));
  }
}

function packageJson(form: ProjectForm, undici: string): string {
  const sdk = form === 'sdk' ? { '@modelcontextprotocol/sdk': '1.32.2' } : {};
  const compiler = { typescript: '5.9.2', '@types/node': '24.3.0', '@types/pg': '8.15.5' };
  return JSON.stringify({
    name: 'ten-tools',
    version: '1.0.0',
    private: true,
    type: 'module',
    ...(form === 'sdk' && { main: 'dist/index.js', scripts: { build: 'tsc' } }),
    dependencies: { ...sdk, ...PACKAGES, undici },
    ...(form === 'sdk' && { devDependencies: compiler }),
  });
}

/** What a tool does: each uses the packages, and none is the same. */
const BODY = (name: string, edit: number): string => `
const log = pino({ level: 'silent', name: '${name}' });

export async function run({ text }: { text: string }): Promise<string> {
  log.info({ edit: ${edit} }, text);
  if (text === 'database') return String((await new pg.Client().query('select ${edit}')).rowCount);
  if (text.startsWith('http:')) return (await request(text)).body.text();
  return \`${name} ${edit} \${text}\`;
}
`;

const IMPORTS = `import pg from 'pg';
import { pino } from 'pino';
import { request } from 'undici';
import { z } from 'zod';
`;

function toolOf(form: ProjectForm, name: string, edit: number): string {
  if (form === 'sdk')
    return `${IMPORTS}\nexport const input = { text: z.string().describe('${name}') };\n${BODY(name, edit)}`;
  return `import { defineTool } from '@mcpgen/server';
${IMPORTS}${BODY(name, edit)}
export default defineTool({ description: '${name}', input: z.object({ text: z.string() }), handler: run });
`;
}

function toolFiles(): Record<string, string> {
  return Object.fromEntries(TOOLS.map((name) => [`tools/${name}.ts`, toolOf('mcpgen', name, 0)]));
}

function sdkFiles(): Record<string, string> {
  const imports = TOOLS.map((name) => `import * as ${name} from './tools/${name}.js';`).join('\n');
  const tools = Object.fromEntries(TOOLS.map((name) => [`src/tools/${name}.ts`, toolOf('sdk', name, 0)]));
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2023',
    outDir: 'dist',
    rootDir: 'src',
    strict: true,
    skipLibCheck: true,
  };
  return {
    ...tools,
    'tsconfig.json': JSON.stringify({ compilerOptions, include: ['src'] }),
    'src/index.ts': `import { createServer } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
${imports}

const tools = { ${TOOLS.join(', ')} };

createServer(async (request, response) => {
  const server = new McpServer({ name: 'ten-tools', version: '1.0.0' });
  for (const [name, { input, run }] of Object.entries(tools)) {
    server.registerTool(name, { inputSchema: input }, async (args) => ({
      content: [{ type: 'text', text: await run(args) }],
    }));
  }
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
  await server.connect(transport);
  await transport.handleRequest(request, response);
}).listen(Number(process.env.PORT ?? 3000));
`,
  };
}
