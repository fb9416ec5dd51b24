/**
 * Whether what would be published works: `pnpm pack-check`. Builds and packs every public package, checks each tarball,
 * installs all of them into an empty project with npm, and there imports, type-checks and runs them as a user would.
 */
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Count, formatCount } from './count.ts';
import { root, run, runPnpm, turboEnv } from './run.ts';

/** A public package and what was packed of it. */
interface Packed {
  readonly name: string;
  readonly directory: string;
  /** What an importer may name: `@mcpgen/oci`, `@mcpgen/server/runtime`. */
  readonly entries: readonly string[];
  /** Libraries that it works with where they are installed, too. */
  readonly peers: readonly string[];
  readonly tarball: string;
}

/** A tool as an author writes it, for a project that has only what the tarballs bring. */
const toolSource = `import { defineTool } from '@mcpgen/server';
export default defineTool({
  description: 'Greets',
  input: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
  handler: (input) => \`Hello \${String(input.name)}\`,
});
`;

const results: { readonly name: string; readonly passed: boolean }[] = [];
const work = mkdtempSync(join(tmpdir(), 'mcpgen-pack-'));
try {
  const count = await checkAll();
  console.log(`\n${formatCount(count)}`);
  process.exitCode = count.failed === 0 ? 0 : 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}

async function checkAll(): Promise<Count> {
  const filters = ['--filter=./packages/*', '--filter=./apps/*'];
  const isBuilt = await check('build', 'turbo', [
    'run',
    'build',
    '--ui=stream',
    '--output-logs=errors-only',
    ...filters,
  ]);
  if (isBuilt) {
    const packed = await packAll();
    for (const one of packed) await checkTarball(one);
    await checkInstalled(packed);
  }
  const passed = results.filter((result) => result.passed).length;
  return { passed, failed: results.length - passed };
}

async function packAll(): Promise<readonly Packed[]> {
  const manifests = globSync('{packages,apps}/*/package.json', { cwd: root }).sort();
  const packed: Packed[] = [];
  for (const path of manifests) {
    const manifest = JSON.parse(readFileSync(join(root, path), 'utf8')) as {
      name: string;
      private?: boolean;
      exports: Record<string, unknown>;
      peerDependencies?: Record<string, string>;
    };
    if (manifest.private === true) continue;
    const keys = Object.keys(manifest.exports).filter((key) => key !== './package.json');
    const entries = keys.map((key) => manifest.name + key.slice(1));
    const directory = join(root, dirname(path));
    const peers = Object.keys(manifest.peerDependencies ?? {});
    packed.push({ name: manifest.name, directory, entries, peers, tarball: await pack(directory, manifest.name) });
  }
  return packed;
}

async function pack(directory: string, name: string): Promise<string> {
  const target = join(work, 'tarballs', name.replace('/', '-'));
  mkdirSync(target, { recursive: true });
  const { exitCode, output } = await runPnpm(['pack', '--pack-destination', target], { directory, show: false });
  if (exitCode !== 0) throw new Error(`Cannot pack "${name}": ${output}`);
  return join(target, readdirSync(target)[0] ?? '');
}

async function checkTarball({ name, tarball }: Packed): Promise<void> {
  await check(`publint ${name}`, 'publint', [tarball, '--strict']);
  await check(`types ${name}`, 'attw', [tarball, '--profile', 'esm-only', '--format', 'ascii']);
  const unpacked = await run('tar', ['-xOf', tarball, 'package/package.json'], { show: false });
  record(`no workspace range ${name}`, unpacked.exitCode === 0 && !unpacked.output.includes('workspace:'));
  const { output } = await run('tar', ['-tf', tarball], { show: false });
  const files = output.trim().split('\n');
  const missing = ['README.md', 'LICENSE', 'package.json'].filter((file) => !files.includes(`package/${file}`));
  const strays = files.filter((file) => !file.startsWith('package/templates/') && /\.test\.|\/(src|test)\//.test(file));
  const problems = [
    ...missing.map((file) => `${file} is missing`),
    ...strays.map((file) => `${file} should not be in it`),
  ];
  record(`contents ${name}`, problems.length === 0, problems.join('\n'));
}

async function checkInstalled(packed: readonly Packed[]): Promise<void> {
  const consumer = join(work, 'consumer');
  mkdirSync(consumer);
  write(consumer, 'package.json', JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  const tarballs = packed.map((one) => one.tarball);
  const options = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];
  const isInstalled = await check('install', 'npm', ['install', ...options, ...tarballs], consumer);
  if (!isInstalled) return;
  for (const entry of packed.flatMap((one) => one.entries)) {
    const attributes = entry.endsWith('.json') ? ", { with: { type: 'json' } }" : '';
    const script = `if (Object.keys(await import('${entry}'${attributes})).length === 0) throw new Error('exports nothing');`;
    await check(`import ${entry}`, process.execPath, ['--input-type=module', '-e', script], consumer);
  }
  await checkTypes(packed, consumer);
  await checkCommand(consumer);
}

/**
 * Every entry is imported by a strict project, which also reads the declaration files themselves. What it would have to
 * install besides, since it imports even what is of use with another library alone, are the repository's own copies.
 */
async function checkTypes(packed: readonly Packed[], consumer: string): Promise<void> {
  for (const { directory, peers } of packed) {
    for (const peer of peers) {
      const target = join(consumer, 'node_modules', peer);
      if (existsSync(target)) continue;
      mkdirSync(dirname(target), { recursive: true });
      symlinkSync(join(directory, 'node_modules', peer), target);
    }
  }
  const entries = packed.flatMap((one) => one.entries).filter((entry) => !entry.endsWith('.json'));
  const imports = entries.map((entry, index) => `export * as entry${index} from '${entry}';`);
  write(consumer, 'consumer.ts', `${imports.join('\n')}\n`);
  write(consumer, 'tool.ts', toolSource);
  const types = dirname(dirname(import.meta.resolve('@types/node/package.json').slice('file://'.length)));
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024'];
  const withNode = [...options, '--typeRoots', types, '--types', 'node'];
  await check('type check', 'tsc', [...withNode, 'consumer.ts', 'tool.ts'], consumer);
  await check('type check of a tool without the types of Node', 'tsc', [...options, 'tool.ts'], consumer);
}

/** The installed command builds a server, which starts. */
async function checkCommand(consumer: string): Promise<void> {
  mkdirSync(join(consumer, 'project/tools'), { recursive: true });
  write(consumer, 'project/package.json', JSON.stringify({ name: 'greeter', version: '1.0.0', type: 'module' }));
  write(consumer, 'project/tools/greet.ts', toolSource);
  const bin = join(consumer, 'node_modules/.bin/mcpgen');
  await check('mcpgen --help', bin, ['--help'], consumer);
  const isBuilt = await check('mcpgen build', bin, ['build', 'project', '--json'], consumer);
  if (!isBuilt) return;
  const script = `
    import { spawn } from 'node:child_process';
    const child = spawn(process.execPath, ['project/dist/server/main.js', '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'check', version: '1' } };
    child.stdin.end(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }) + '\\n');
    let text = '';
    for await (const chunk of child.stdout) text += chunk;
    if (JSON.parse(text).result.serverInfo.name !== 'greeter') throw new Error(text);`;
  await check('built server answers', process.execPath, ['--input-type=module', '-e', script], consumer);
}

function write(directory: string, name: string, text: string): void {
  writeFileSync(join(directory, name), text);
}

/** Runs a command: it passes with exit code 0, else its output is shown. */
async function check(name: string, command: string, args: readonly string[], directory = root): Promise<boolean> {
  const { exitCode, output } = await run(command, args, { directory, env: turboEnv, show: false });
  return record(name, exitCode === 0, output);
}

function record(name: string, passed: boolean, output = ''): boolean {
  results.push({ name, passed });
  console.log(`${passed ? 'ok  ' : 'FAIL'} ${name}`);
  if (!passed) console.log(output.replaceAll(/^/gm, '     '));
  return passed;
}
