import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'vitest';
import { expectNone } from './problems.ts';
import { hasFile, root } from './workspace.ts';

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 64 << 20,
})
  .split('\0')
  .filter((path) => path !== '' && hasFile(path));

describe('tracked files', () => {
  it('name no package registry and no path of the machine they were written on', () => {
    const forbidden = [...registryHosts(), ...machinePaths()];
    expectNone(
      files.flatMap((path) => {
        const text = readFileSync(join(root, path), 'latin1');
        return forbidden.filter((name) => text.includes(name)).map((name) => `${path} contains "${name}"`);
      }),
    );
  });

  it('hold no build output and no secret', () => {
    const unwanted = /(^|\/)(node_modules|dist|\.cache|\.turbo)\/|\.(tgz|pem|tsbuildinfo)$|(^|\/)\.(env|npmrc)$/;
    expectNone(files.filter((path) => unwanted.test(path) && !path.includes('/fixtures/')));
  });
});

/** The public npm registry, and whatever npm and apt are set up to use here. */
function registryHosts(): readonly string[] {
  const npm = process.env.npm_config_registry;
  const lists = '/etc/apt/sources.list.d';
  const sources = existsSync(lists) ? readdirSync(lists).map((name) => readFileSync(join(lists, name), 'utf8')) : [];
  const apt = sources.flatMap((text) => [...text.matchAll(/https?:\/\/([^/\s]+)/g)].map(([, host = '']) => host));
  const hosts = ['registry.npmjs' + '.org', ...(npm === undefined ? [] : [new URL(npm).host]), ...apt];
  return [...new Set(hosts.filter((host) => host.includes('.')))];
}

/** The checkout and the directory it lies in, and the home directory, where they say something about this machine. */
function machinePaths(): readonly string[] {
  const everyday = ['/', '/root', '/home', '/src', '/app', '/usr/src', tmpdir()];
  const own = [root, dirname(root), homedir()].filter((path) => !everyday.includes(path));
  return [...own.map((path) => `${path}/`), `/${'work'}/main`, `/${'Users'}/`];
}
