import { isUtf8 } from 'node:buffer';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import {
  type DockerfileFinding,
  dockerfileRules,
  fixDockerfile,
  githubAnnotations,
  lintDockerfile,
  type RuleSeverity,
  readDockerfileFacts,
  sarifReport,
} from '@mcpgen/build-optimizer/dockerfile';
import type { CliContext } from '../context.ts';
import { formatFindings } from '../dockerfile/format-findings.ts';
import { replaceFile } from '../dockerfile/replace-file.ts';
import { fileMissing, fileNoText, projectMissing, usageError } from '../errors.ts';
import { exitCodes } from '../exit-code.ts';
import type { Done } from '../report/envelope.ts';
import { settle } from '../report/settle.ts';
import { version } from '../version.ts';

export interface DockerfileLintFlags {
  readonly json: boolean;
  readonly fix: boolean;
  readonly format?: 'text' | 'sarif' | 'github';
  readonly failOn?: RuleSeverity | 'never';
  readonly context?: string;
  readonly ignore?: string;
}

/** `mcpgen dockerfile lint`: what in a Dockerfile costs time, space or safety, and what to do about it. */
export async function dockerfileLint(this: CliContext, flags: DockerfileLintFlags, name = 'Dockerfile'): Promise<void> {
  await settle(this, flags.json, async () => {
    const path = fileOf(resolve(this.directory, name));
    const context = contextOf(this, flags, path);
    const options = { facts: readDockerfileFacts(path, context), ignore: ignoredRules(flags) };
    const source = readText(path);
    const { text, fixed } = flags.fix ? fixDockerfile(source, options) : { text: source, fixed: [] };
    if (text !== source) replaceFile(path, text);
    return report(this, flags, { file: shown(this.directory, path), fixed, findings: lintDockerfile(text, options) });
  });
}

function contextOf({ directory }: CliContext, { context }: DockerfileLintFlags, path: string): string {
  if (context === undefined) return dirname(path);
  const found = resolve(directory, context);
  if (!existsSync(found)) throw projectMissing(found);
  return found;
}

/** A directory stands for the Dockerfile in it. */
function fileOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory() === true) return fileOf(join(path, 'Dockerfile'));
  if (stats?.isFile() !== true) throw fileMissing(path);
  return path;
}

/** More than a Dockerfile has: its own limit is told by the library. */
const LONGEST = 1_000_000;

function readText(path: string): string {
  if (statSync(path).size > LONGEST) throw fileNoText(path);
  const bytes = readFileSync(path);
  if (!isUtf8(bytes) || bytes.includes(0)) throw fileNoText(path);
  return bytes.toString('utf8');
}

function ignoredRules({ ignore = '' }: DockerfileLintFlags): readonly string[] {
  const ids = ignore.split(/[\s,]+/).filter((id) => id !== '');
  const unknown = ids.find((id) => !dockerfileRules.some((rule) => rule.id === id));
  if (unknown === undefined) return ids;
  throw usageError(`Cannot pass over "${unknown}": there is no such rule`, 'docs/dockerfile.md has the list of rules');
}

/** As people would name it from where they stand. */
function shown(directory: string, path: string): string {
  const near = relative(directory, path);
  return near.startsWith('..') ? path : near;
}

interface Checked {
  /** As the user would name it. */
  readonly file: string;
  readonly findings: readonly DockerfileFinding[];
  readonly fixed: readonly DockerfileFinding[];
}

const GRAVITY: Readonly<Record<RuleSeverity | 'never', number>> = { info: 0, warning: 1, error: 2, never: 3 };

function report(
  { process: { stdout } }: CliContext,
  flags: DockerfileLintFlags,
  { file, findings, fixed }: Checked,
): Done {
  const least = GRAVITY[flags.failOn ?? 'warning'];
  const failed = findings.some(({ severity }) => GRAVITY[severity] >= least);
  const message = summary(file, findings, fixed.length);
  return {
    code: failed ? 'LINT_FAILED' : 'LINTED',
    message,
    data: { file, findings, fixed },
    output: output(flags, file, findings) ?? `${formatFindings(stdout, file, findings)}${message}`,
    next: findings.some(({ fixable }) => fixable)
      ? [{ command: `mcpgen dockerfile lint ${file} --fix`, when: 'to write the safe fixes' }]
      : [],
    exitCode: failed ? exitCodes.failed : exitCodes.done,
  };
}

function output({ format }: DockerfileLintFlags, file: string, findings: readonly DockerfileFinding[]) {
  if (format === 'github') return githubAnnotations(file, findings);
  return format === 'sarif' ? JSON.stringify(sarifReport(file, findings, version), null, 2) : undefined;
}

function summary(file: string, findings: readonly DockerfileFinding[], fixed: number): string {
  const count = (wanted: RuleSeverity): number => findings.filter(({ severity }) => severity === wanted).length;
  const words = [
    [count('error'), 'error'],
    [count('warning'), 'warning'],
    [count('info'), 'hint'],
  ] as const;
  const told = words.flatMap(([many, word]) => (many === 0 ? [] : [`${many} ${word}${many === 1 ? '' : 's'}`]));
  const fixable = findings.filter((finding) => finding.fixable).length;
  return [
    `${file}: ${told.length === 0 ? 'nothing to say' : told.join(', ')}`,
    ...(fixed === 0 ? [] : [`${fixed} fixed`]),
    ...(fixable === 0 ? [] : [`${fixable} of them fixed by --fix`]),
  ].join('; ');
}
