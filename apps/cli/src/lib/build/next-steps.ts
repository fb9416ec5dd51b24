import { join, relative } from 'node:path';
import type { NextStep } from '../report/envelope.ts';
import type { BuildResult } from './build-result.ts';
import type { BuildSettings } from './settings.ts';

/** What a person would type next. */
export function nextSteps(
  result: Pick<BuildResult, 'server' | 'image' | 'name'>,
  { targets }: BuildSettings,
  cwd: string,
): readonly NextStep[] {
  const main = shellWord(relative(cwd, join(result.server.directory, 'main.js')));
  const steps = [
    { command: `node ${main}`, when: 'serve over HTTP on port 3000, path /mcp' },
    { command: `node ${main} --stdio`, when: 'serve over stdin and stdout' },
  ];
  if (targets.load !== undefined)
    return [...steps, { command: `docker run --rm -p 3000:3000 ${targets.load}`, when: 'run the image' }];
  if (targets.tar !== undefined)
    return [
      ...steps,
      { command: `docker load --input ${shellWord(relative(cwd, targets.tar))}`, when: 'bring the image into Docker' },
    ];
  return steps;
}

/** As a shell reads it back: quoted where it has more than plain characters. */
function shellWord(text: string): string {
  return /^[\w./:@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
