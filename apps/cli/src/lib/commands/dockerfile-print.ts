import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { DockerfileVariant } from '@mcpgen/build-optimizer/dockerfile';
import { loadConfig } from '../config/load-config.ts';
import type { CliContext } from '../context.ts';
import { type DockerfilePlan, planDockerfile } from '../dockerfile/plan-dockerfile.ts';
import { writeGenerated } from '../dockerfile/write-generated.ts';
import { projectMissing, usageError } from '../errors.ts';
import type { Done } from '../report/envelope.ts';
import { settle } from '../report/settle.ts';

export interface DockerfilePrintFlags {
  readonly json: boolean;
  readonly config?: string;
  readonly variant?: DockerfileVariant;
  readonly base?: string;
  readonly buildBase?: string;
  readonly packages?: string;
  readonly buildPackages?: string;
  readonly prebuilt: boolean;
  readonly ignoreFile: boolean;
  readonly write: boolean;
}

/** `mcpgen dockerfile`: the Dockerfile and .dockerignore of a project, printed or written. */
export async function dockerfilePrint(this: CliContext, flags: DockerfilePrintFlags, project = '.'): Promise<void> {
  await settle(this, flags.json, async () => {
    if (flags.write && flags.ignoreFile) {
      throw usageError('Cannot print the .dockerignore with --write: it writes both files', 'Leave --ignore-file out');
    }
    const directory = resolve(this.directory, project);
    if (!existsSync(directory)) throw projectMissing(directory);
    const loaded = await loadConfig(directory, { file: flags.config, cwd: this.directory });
    const plan = planDockerfile(directory, { ...flags, variant: flags.variant ?? 'slim' }, loaded);
    for (const warning of plan.warnings) this.process.stderr.write(`warning ${warning}\n`);
    return flags.write ? write(this, directory, plan) : print(flags, plan);
  });
}

function print({ ignoreFile }: DockerfilePrintFlags, plan: DockerfilePlan): Done {
  const message = `The Dockerfile of ${DESCRIPTIONS[plan.kind]}`;
  return { code: 'PRINTED', message, data: { ...plan }, output: ignoreFile ? plan.ignoreFile : plan.dockerfile };
}

function write(context: CliContext, directory: string, plan: DockerfilePlan): Done {
  const files = [
    { path: join(directory, 'Dockerfile'), text: plan.dockerfile },
    { path: join(directory, '.dockerignore'), text: plan.ignoreFile },
  ];
  writeGenerated(files);
  const place = relative(context.directory, directory) || '.';
  const message = `Wrote Dockerfile and .dockerignore in ${place}, of ${DESCRIPTIONS[plan.kind]}`;
  return {
    code: 'WRITTEN',
    message,
    next: [
      ...(plan.kind === 'prebuilt' ? [{ command: `mcpgen build ${place} --no-image`, when: 'first' }] : []),
      { command: `docker build ${place}`, when: 'to build the image' },
      { command: `mcpgen dockerfile lint ${join(place, 'Dockerfile')}`, when: 'after editing it' },
    ],
    data: { ...plan, files: files.map(({ path }) => path) },
    output: message,
  };
}

const DESCRIPTIONS: Readonly<Record<DockerfilePlan['kind'], string>> = {
  server: 'a server that is built inside',
  prebuilt: 'a server that was built before',
  application: 'a project of Node',
};
