import { basename, relative, resolve } from 'node:path';
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
    const next = [
      { command: place === '.' ? 'npm install' : `cd ${place} && npm install`, when: 'first' },
      { command: 'npx mcpgen dev', when: 'to work on it' },
      { command: 'npx mcpgen build', when: 'to build the server and its image' },
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
