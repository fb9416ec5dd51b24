import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type ContainerConfig, type Digest, parseReference, platformOf, readBase } from '@mcpgen/oci';
import { LOCK_FILE } from '../build/build-paths.ts';
import { type LockedBases, lockedName, readLockFile, writeLockFile } from '../build/lock-file.ts';
import { type OpenRepository, openRegistries } from '../build/open-registries.ts';
import { loadConfig } from '../config/load-config.ts';
import type { CliContext } from '../context.ts';
import { projectMissing } from '../errors.ts';
import { exitCodes } from '../exit-code.ts';
import type { Done } from '../report/envelope.ts';
import { settle } from '../report/settle.ts';

export interface UpdateFlags {
  readonly json: boolean;
  readonly config?: string;
  readonly check: boolean;
  readonly insecure: boolean;
}

/** What a base's tag stood for, and what it stands for now. */
interface BaseUpdate {
  readonly name: string;
  /** Absent where it was not locked yet. */
  readonly before?: Digest;
  readonly after: Digest;
  /** Environment of the base that differs, such as its version of Node. */
  readonly changes: readonly string[];
}

/** `mcpgen update`: looks up what the tags of base images stand for now, and locks that. */
export async function update(this: CliContext, flags: UpdateFlags, project = '.'): Promise<void> {
  await settle(this, flags.json, async () => {
    const directory = resolve(this.directory, project);
    if (!existsSync(directory)) throw projectMissing(directory);
    const { config } = await loadConfig(directory, { file: flags.config, cwd: this.directory });
    const file = join(directory, LOCK_FILE);
    const locked = readLockFile(file);
    const openRepository = openRegistries(this, { insecure: flags.insecure });
    const names = new Set([...locked.keys(), ...configuredBase(config.image?.base)].sort());
    const updates: BaseUpdate[] = [];
    for (const name of names) updates.push(await lookUp(name, locked, openRepository));
    const newer = updates.filter(({ before, after }) => before !== after);
    if (!flags.check && newer.length > 0) writeLockFile(file, new Map(updates.map(({ name, after }) => [name, after])));
    return done(updates, newer, flags.check);
  });
}

/** The base that the configuration names by tag; one by digest needs no lock. */
function configuredBase(base = 'host'): readonly string[] {
  return base === 'host' || parseReference(base).digest !== undefined ? [] : [lockedName(base)];
}

async function lookUp(name: string, locked: LockedBases, openRepository: OpenRepository): Promise<BaseUpdate> {
  const reference = parseReference(name);
  const repository = openRepository(reference, 'pull');
  const before = locked.get(name);
  const { digest: after } = await repository.resolve(reference.tag ?? 'latest');
  if (before === undefined || before === after) return { name, ...(before && { before }), after, changes: [] };
  const read = async (digest: Digest): Promise<ContainerConfig> =>
    (await readBase(repository, { name, reference: digest, platform: platformOf('linux', process.arch) })).config;
  // What a tag stood for may be gone, or be for other platforms: then there is only the digest to tell.
  const [old, now] = await Promise.all([read(before), read(after)].map((reading) => reading.catch(() => undefined)));
  return { name, before, after, changes: old && now ? changedVariables(old, now) : [] };
}

/** `NODE_VERSION 24.1.0 -> 24.2.0`: the official images tell their versions so. */
function changedVariables(before: ContainerConfig, after: ContainerConfig): readonly string[] {
  const old = new Map((before.Env ?? []).map(splitVariable));
  return (after.Env ?? [])
    .map(splitVariable)
    .filter(([name, value]) => /VERSION$/.test(name) && old.has(name) && old.get(name) !== value)
    .map(([name, value]) => `${name} ${old.get(name)} -> ${value}`);
}

function splitVariable(item: string): readonly [name: string, value: string] {
  const equals = item.indexOf('=');
  return equals < 0 ? [item, ''] : [item.slice(0, equals), item.slice(equals + 1)];
}

function done(updates: readonly BaseUpdate[], newer: readonly BaseUpdate[], check: boolean): Done {
  const data = { bases: updates, newer: newer.length };
  const lines = newer.map(updateLine);
  if (newer.length === 0) {
    const message = updates.length === 0 ? 'No base image by tag: nothing to lock' : 'All bases are up to date';
    return { code: 'UP_TO_DATE', message, data, output: message };
  }
  const images = `${newer.length} base ${newer.length === 1 ? 'image' : 'images'}`;
  if (!check) {
    return { code: 'UPDATED', message: `Locked ${images} anew`, data, output: lines.join('\n'), next: NEXT };
  }
  const message = `${images} to be locked anew: run "mcpgen update"`;
  return { code: 'OUTDATED', message, data, output: [...lines, message].join('\n'), exitCode: exitCodes.failed };
}

const NEXT = [{ command: 'mcpgen build', when: 'build on the new base' }];

function updateLine({ name, before, after, changes }: BaseUpdate): string {
  const told = changes.length > 0 ? ` (${changes.join(', ')})` : '';
  return `${name} ${before === undefined ? 'not locked' : before.slice(0, 19)} -> ${after.slice(0, 19)}${told}`;
}
