import { execFile } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { listedApi, parseApi, type ServerApi, type ServerLists } from '@mcpgen/generator/api';
import { apiMissing } from '../errors.ts';

/** Lies beside `package.json`, to be committed. */
export const API_FILE = 'mcpgen.api.json';

/** An API that was written down, and where. */
export interface KnownApi {
  readonly api: ServerApi;
  /** As people name it: a path, or `v1.2.0:mcpgen.api.json`. */
  readonly source: string;
}

export interface KnownApiOptions {
  /** A file that `--write` wrote, a built server, a project, or a revision of git. Default: the project's own file. */
  readonly against: string | undefined;
  /** Where the user stands. Absolute. */
  readonly cwd: string;
}

/** Reads what the project is to be compared with. @throws CliError API_MISSING; GeneratorError API_INVALID */
export async function readKnownApi(project: string, { against, cwd }: KnownApiOptions): Promise<KnownApi> {
  if (against === undefined) {
    const file = join(project, API_FILE);
    if (!existsSync(file)) throw apiMissing(file, 'it was never written');
    return readApiFile(file, cwd);
  }
  const path = resolve(cwd, against);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return readRevision(project, against);
  return stats.isDirectory() ? readDirectory(path, cwd) : readApiFile(path, cwd);
}

function readApiFile(file: string, cwd: string): KnownApi {
  const source = relative(cwd, file);
  return { api: parseApi(readFileSync(file, 'utf8'), source), source };
}

/** A project, what a build wrote, or the server in it. */
function readDirectory(directory: string, cwd: string): KnownApi {
  const file = join(directory, API_FILE);
  if (existsSync(file)) return readApiFile(file, cwd);
  const server = [directory, join(directory, 'server'), join(directory, 'dist', 'server')].find((folder) =>
    existsSync(join(folder, 'manifest.json')),
  );
  if (server === undefined) throw apiMissing(directory, `it holds neither ${API_FILE} nor a built server`);
  return readServer(server, relative(cwd, server));
}

function readServer(server: string, source: string): KnownApi {
  const { info, lists } = readJson(join(server, 'manifest.json')) as {
    readonly info: { readonly version: string };
    readonly lists: Readonly<Record<string, string>>;
  };
  const list = (name: string): NonNullable<ServerLists['tools']> => {
    const file = Object.hasOwn(lists, name) ? lists[name] : undefined;
    return file === undefined ? [] : (readJson(join(server, file)) as NonNullable<ServerLists['tools']>);
  };
  const api = listedApi(info.version, {
    tools: list('tools'),
    prompts: list('prompts'),
    resources: list('resources'),
    resourceTemplates: list('resourceTemplates'),
  });
  return { api, source };
}

/** What a build wrote: its form is known. */
function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw apiMissing(file, cause instanceof Error ? cause.message : String(cause));
  }
}

const run = promisify(execFile);

/** Bytes: more than any server's lists. */
const LARGEST = 64 * 1024 * 1024;

/** The file as it was committed. What could be read as an option of git is none. */
async function readRevision(project: string, revision: string): Promise<KnownApi> {
  const source = `${revision}:${API_FILE}`;
  if (revision.startsWith('-')) throw apiMissing(revision, 'there is no such file, directory or revision of git');
  try {
    const args = ['cat-file', 'blob', `${revision}:./${API_FILE}`];
    const { stdout } = await run('git', args, { cwd: project, encoding: 'utf8', maxBuffer: LARGEST });
    return { api: parseApi(stdout, source), source };
  } catch (error) {
    if (error instanceof Error && 'stderr' in error)
      throw apiMissing(revision, `there is no such file or directory, and git has no "${source}"`);
    throw error;
  }
}
