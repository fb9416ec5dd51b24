import {
  type ApiChange,
  adviseVersion,
  compareApis,
  encodeApi,
  type ServerApi,
  type VersionAdvice,
} from '@mcpgen/generator/api';
import { describeProjectApi } from '../api/describe-project-api.ts';
import { API_FILE, type KnownApi, readKnownApi } from '../api/read-known-api.ts';
import { readBuildRequest } from '../build/build-request.ts';
import { writeOutput } from '../build/steps/write-output.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import type { Done } from '../report/envelope.ts';
import { formatTable } from '../report/format.ts';
import type { ExplainFlags } from './explain.ts';

/** `mcpgen explain --api`: what changed for those who call the server, and which version says so. */
export async function explainApi(context: CliContext, flags: ExplainFlags, directory: string): Promise<Done> {
  const request = await readBuildRequest(context, {
    directory,
    flags: { ...flags, image: false, typecheck: false },
    cache: 'on',
    variant: 'api',
    onEvent: (event) => {
      if (event.type === 'warning') context.process.stderr.write(`warning ${event.message}\n`);
    },
  });
  if (flags.write) return written(directory, await describeProjectApi(request));
  const known = await readKnownApi(directory, { against: flags.against, cwd: context.directory });
  return compared(known, await describeProjectApi(request));
}

function written(directory: string, api: ServerApi): Done {
  writeOutput(directory, API_FILE, encodeApi(api));
  const message = `Wrote the API of version ${api.version} to ${API_FILE}: commit it when that version is published`;
  return { code: 'API_WRITTEN', message, data: { file: API_FILE, version: api.version }, output: message };
}

function compared({ api: before, source }: KnownApi, after: ServerApi): Done {
  const changes = compareApis(before, after);
  const advice = adviseVersion(changes, { last: before.version, now: after.version });
  const broken = changes.some(({ level }) => level === 'breaking' || level === 'unclear');
  const message = summary(changes, { advice, before, after, source });
  return {
    code: broken ? (advice.announced ? 'API_BREAK_ANNOUNCED' : 'API_BROKEN') : 'API_COMPATIBLE',
    message,
    data: { against: { source, version: before.version }, version: after.version, ...advice, changes },
    output: `${table(changes)}${message}`,
    ...(broken && !advice.announced ? { exitCode: exitCodes.breaking } : {}),
  };
}

const WORDS: Readonly<Record<ApiChange['level'], string>> = {
  breaking: 'breaks',
  unclear: 'may break',
  compatible: 'adds',
  text: 'rewords',
};

function table(changes: readonly ApiChange[]): string {
  if (changes.length === 0) return '';
  const rows = changes.map(({ level, kind, name, part, change, consequence }) => [
    WORDS[level],
    `${kind} "${name}"`,
    `${part === undefined ? '' : `${part} `}${change}${consequence === undefined ? '' : `: ${consequence}`}`,
  ]);
  return `${formatTable(rows)}\n\n`;
}

function summary(
  changes: readonly ApiChange[],
  { advice, before, after, source }: { advice: VersionAdvice; before: ServerApi; after: ServerApi; source: string },
): string {
  const since = `since version ${before.version} (${source})`;
  if (changes.length === 0) return `Nothing changed ${since}`;
  const count = changes.length === 1 ? '1 change' : `${changes.length} changes`;
  return `${count} ${since}, a ${advice.bump} version: ${versionWords(advice, after.version)}`;
}

function versionWords({ least, announced }: VersionAdvice, version: string): string {
  if (least === undefined) return `${version} cannot be compared with it`;
  return announced ? `${version} says so` : `expected ${least} or later, the version is ${version}`;
}
