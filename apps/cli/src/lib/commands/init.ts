import { existsSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { listTemplates, scaffold } from '@mcpgen/generator';
import type { CliContext } from '../context.ts';
import { settle } from '../report/settle.ts';
import { version } from '../version.ts';

export interface InitFlags {
  readonly json: boolean;
  readonly template?: string;
  readonly name?: string;
}

/** `mcpgen init`: a new project from a template that is itself built and run by a test. */
export async function init(this: CliContext, flags: InitFlags, directory = '.'): Promise<void> {
  await settle(this, flags.json, async () => {
    const target = resolve(this.directory, directory);
    const template = flags.template ?? 'basic';
    const { files } = await scaffold({ template, directory: target, name: flags.name ?? basename(target) });
    const place = relative(this.directory, target) || '.';
    const { install, run } = packageManager(target);
    const next = [
      { command: place === '.' ? install : `cd ${place} && ${install}`, when: 'first' },
      { command: `${run} mcpgen dev`, when: 'to work on it' },
      { command: `${run} mcpgen build`, when: 'to build the server and its image' },
    ];
    return {
      code: 'CREATED',
      message: `Created ${files.length} files in ${place}`,
      next,
      data: { directory: target, template, templates: listTemplates(), files, version },
      output: [
        `Created ${files.length} files in ${place} from the template "${template}"`,
        '',
        ...next.map((step) => `  ${step.command}`),
      ].join('\n'),
    };
  });
}

/** In a pnpm workspace its own package manager, else the one that comes with Node. */
function packageManager(directory: string): { readonly install: string; readonly run: string } {
  for (let parent = directory; parent !== dirname(parent); parent = dirname(parent)) {
    if (existsSync(join(parent, 'pnpm-workspace.yaml'))) return { install: 'pnpm install', run: 'pnpm' };
  }
  return { install: 'npm install', run: 'npx' };
}
