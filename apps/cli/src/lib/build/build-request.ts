import { existsSync } from 'node:fs';
import type { BuildEvent } from '@mcpgen/build-optimizer';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import type { CliContext } from '../context.ts';
import { projectMissing } from '../errors.ts';
import { type BuildPaths, buildPaths } from './build-paths.ts';
import { type BuildFlags, type BuildSettings, resolveSettings } from './settings.ts';

/** One build as it was asked for: flags and configuration resolved, nothing opened yet. */
export interface BuildRequest {
  readonly context: CliContext;
  readonly settings: BuildSettings;
  readonly paths: BuildPaths;
  readonly config: Config;
  /** `off` runs every step anew and keeps nothing. */
  readonly cache: 'on' | 'off';
  /** `look-up` asks the registry what the base's tag stands for now. */
  readonly bases: 'pinned' | 'look-up';
  readonly insecure: boolean;
  /** Whether a missing compiler is a failure. */
  readonly typecheck: 'asked-for' | 'where-possible';
  readonly onEvent: (event: BuildNotice) => void;
}

/** What is told while a build goes on. */
export type BuildNotice =
  | BuildEvent
  /** The steps are done; what they gave is on its way to a remote cache. */
  | { readonly type: 'sending'; readonly to: string; readonly bytes: number };

export interface BuildRequestOptions {
  readonly directory: string;
  readonly flags: BuildFlags & { readonly config?: string; readonly pull?: boolean; readonly insecure?: boolean };
  readonly cache: 'on' | 'off';
  /** The work directory's name; default: the profile's. */
  readonly variant?: string;
  readonly onEvent: (event: BuildNotice) => void;
}

/** Reads the configuration and resolves what a build is to do. Throws a `CliError` for what cannot be used. */
export async function readBuildRequest(context: CliContext, options: BuildRequestOptions): Promise<BuildRequest> {
  const { directory, flags, cache, onEvent } = options;
  if (!existsSync(directory)) throw projectMissing(directory);
  const { config } = await loadConfig(directory, { file: flags.config, cwd: context.directory });
  const settings = resolveSettings(directory, {
    cwd: context.directory,
    flags,
    config,
    environment: context.environment,
  });
  return {
    context,
    settings,
    paths: buildPaths(settings, options.variant),
    config,
    cache,
    bases: flags.pull === true ? 'look-up' : 'pinned',
    insecure: flags.insecure ?? false,
    typecheck: flags.typecheck === true ? 'asked-for' : 'where-possible',
    onEvent,
  };
}
