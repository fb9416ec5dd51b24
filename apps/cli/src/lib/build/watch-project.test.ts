import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory, writeTree } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { watchProject } from './watch-project.ts';

const LIMITED = [
  '--user',
  '--map-root-user',
  'sh',
  '-c',
  'echo 2 > /proc/sys/user/max_inotify_watches && exec "$@"',
  '-',
];

/** Prints the warnings as they come, and ends once the watching has begun. */
const WATCH = `
const { watchProject } = await import(process.argv[1]);
const watch = await watchProject(process.argv[2], { onWarning: (message) => console.log(message) });
await watch.close();
`;

describe('watchProject', () => {
  it('tells the files that changed, and not what is built', async () => {
    await using project = await temporaryDirectory();
    await writeTree(project.path, { 'tools/a.ts': '1', 'dist/server/main.js': '1' });
    const watch = await watchProject(project.path, { onWarning: expect.unreachable });
    const changes = watch.changes(new AbortController().signal);
    writeFileSync(join(project.path, 'dist/server/main.js'), '2');
    writeFileSync(join(project.path, 'tools/a.ts'), '2');
    expect((await changes.next()).value).toEqual(['tools/a.ts']);
    await watch.close();
  });

  it('says how to raise the limit of watched files where it is reached, and goes on', async () => {
    if (spawnSync('unshare', [...LIMITED, 'true']).status !== 0) {
      process.stderr.write('skipped: the limit of watched files: this machine lets no test set one of its own\n');
      return;
    }
    await using project = await temporaryDirectory();
    await writeTree(project.path, { 'tools/a.ts': '1', 'lib/b.ts': '1', 'prompts/c.ts': '1' });
    const program = [process.execPath, '--input-type=module', '--eval', WATCH, '--'];
    const module = new URL('./watch-project.ts', import.meta.url).href;
    const child = spawn('unshare', [...LIMITED, ...program, module, project.path], { stdio: ['ignore', 'pipe', 2] });
    const warnings = await child.stdout?.toArray();
    expect(
      Buffer.concat(warnings ?? [])
        .toString()
        .trim()
        .split('\n'),
    ).toEqual([expect.stringContaining('sudo sysctl fs.inotify.max_user_watches=')]);
  });
});
