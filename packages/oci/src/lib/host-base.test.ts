import { execFile } from 'node:child_process';
import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryDirectory } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { hostBaseOf, planHostBase, writeHostBase } from './host-base.ts';
import { createLayout } from './layout.ts';
import { parseLoaderList } from './list-shared-libraries.ts';
import { memoryStore } from './memory-store.ts';
import { readElfInterpreter } from './read-elf-interpreter.ts';
import { writeLayer } from './write-layer.ts';

const run = promisify(execFile);
const HOST = { executable: process.execPath, platform: process.platform, arch: process.arch };
/** Nothing else reaches the program that is run. */
const SYSTEM_PATH = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
const onLinux = process.platform === 'linux';
const asRoot = onLinux && process.getuid?.() === 0;
if (!asRoot) process.stderr.write('skipped: host-base.test.ts: running the base: chroot needs root on Linux\n');

describe.runIf(onLinux)('planHostBase', () => {
  it('holds node, its loader and libraries, a user and a place for temporary files', async () => {
    const { entries, platform } = await planHostBase(HOST);
    const paths = entries.map(({ path }) => path);
    expect(platform.os).toBe('linux');
    expect(paths).toEqual(
      expect.arrayContaining(['usr/local/bin/node', 'etc/passwd', 'etc/group', 'etc/nsswitch.conf', 'tmp']),
    );
    expect(paths.filter((path) => /(^|\/)ld-/.test(path))).toHaveLength(1);
    expect(paths.some((path) => /libc\.(so\.6|musl)/.test(path))).toBe(true);
    expect(entries.find(({ path }) => path === 'tmp')).toMatchObject({ mode: 0o1777 });
  });

  it('has a fingerprint that changes with the binary and not with time', async () => {
    await using directory = await temporaryDirectory();
    const copy = join(directory.path, 'node');
    await run('cp', [process.execPath, copy]);
    const plan = async () => (await planHostBase({ ...HOST, executable: copy })).fingerprint;
    const first = await plan();
    expect(await plan()).toBe(first);
    await utimes(copy, 1, 1);
    expect(await plan()).not.toBe(first);
  });

  it('is the same through a link', async () => {
    await using directory = await temporaryDirectory();
    await symlink(process.execPath, join(directory.path, 'node'));
    const plan = await planHostBase({ ...HOST, executable: join(directory.path, 'node') });
    expect(plan.fingerprint).toBe((await planHostBase(HOST)).fingerprint);
  });

  it('refuses other systems, and what is no program', async () => {
    await using directory = await temporaryDirectory();
    await writeFile(join(directory.path, 'script'), '#!/bin/sh\n');
    await expect(planHostBase({ ...HOST, platform: 'darwin' })).rejects.toMatchObject({
      code: 'HOST_BASE_UNSUPPORTED',
      message: 'Cannot make a base image from this machine: images run on Linux and this is darwin',
      hint: 'Name a base image from a registry instead.',
    });
    await expect(planHostBase({ ...HOST, executable: join(directory.path, 'script') })).rejects.toMatchObject({
      code: 'HOST_BASE_UNSUPPORTED',
    });
  });
});

describe.runIf(asRoot)('writeHostBase', () => {
  it('makes a root file system in which node runs by itself, as nonroot', { timeout: 120_000 }, async () => {
    await using directory = await temporaryDirectory();
    const layout = await createLayout(join(directory.path, 'layout'));
    const base = await writeHostBase(await planHostBase(HOST), { target: layout, compression: 'none' });
    const root = join(directory.path, 'root');
    await mkdir(root);
    const [layer] = base.layers;
    await run('tar', ['-xpf', layout.blobPath(layer?.digest ?? 'sha256:'), '-C', root]);
    const script = `
      const { writeFileSync } = require('node:fs');
      writeFileSync('/tmp/x', 'x');
      console.log(process.version, process.getuid(), require('node:os').userInfo().username, typeof fetch);
    `;
    const { stdout } = await run('chroot', ['--userspec=65532:65532', root, '/usr/local/bin/node', '-e', script], {
      env: SYSTEM_PATH,
    });
    expect(stdout).toBe(`${process.version} 65532 nonroot function\n`);
    await expect(run('chroot', [root, '/bin/sh', '-c', 'true'], { env: SYSTEM_PATH })).rejects.toThrow();
  });
});

describe('hostBaseOf', () => {
  it('makes a base of a layer that was kept', async () => {
    const layer = await writeLayer([], { target: memoryStore(), compression: 'none' });
    const base = hostBaseOf({ platform: { os: 'linux', architecture: 'amd64' } }, layer);
    expect(base).toMatchObject({
      name: 'host',
      layers: [layer],
      config: { User: '65532:65532', Entrypoint: ['/usr/local/bin/node'] },
    });
    expect(base.history).toHaveLength(1);
  });
});

describe('parseLoaderList', () => {
  it('reads what glibc and musl print', () => {
    const glibc =
      '\tlinux-vdso.so.1 (0x00007f1)\n\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f2)\n\t/lib64/ld-linux-x86-64.so.2 (0x00007f3)\n';
    expect(parseLoaderList(glibc, 'node')).toEqual([{ name: 'libm.so.6', path: '/lib/x86_64-linux-gnu/libm.so.6' }]);
    const musl =
      '\t/lib/ld-musl-x86_64.so.1 (0x7f1)\n\tlibstdc++.so.6 => /usr/lib/libstdc++.so.6 (0x7f2)\n\tlibc.musl-x86_64.so.1 => /lib/ld-musl-x86_64.so.1 (0x7f1)\n';
    expect(parseLoaderList(musl, 'node').map(({ name }) => name)).toEqual(['libstdc++.so.6', 'libc.musl-x86_64.so.1']);
  });

  it('takes paths with spaces', () => {
    expect(parseLoaderList('\tliba.so => /opt/my libs/liba.so (0x00007f1)\n', 'node')).toEqual([
      { name: 'liba.so', path: '/opt/my libs/liba.so' },
    ]);
  });

  it('names a library that is missing', () => {
    expect(() => parseLoaderList('\tlibx.so.1 => not found\n', '/opt/node')).toThrow(
      expect.objectContaining({ code: 'HOST_LIBRARY_MISSING', message: expect.stringContaining('"libx.so.1"') }),
    );
  });
});

describe('readElfInterpreter', () => {
  it('tells static programs and other files from dynamic ones', async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'file');
    await writeFile(file, '#!/bin/sh\n');
    expect(await readElfInterpreter(file)).toEqual({ kind: 'not-elf' });
    const header = Buffer.alloc(64);
    header.write('\u007fELF', 0, 'latin1');
    header[4] = 2;
    header[5] = 1;
    await writeFile(file, header);
    expect(await readElfInterpreter(file)).toEqual({ kind: 'static' });
    if (onLinux)
      expect(await readElfInterpreter(process.execPath)).toMatchObject({
        kind: 'dynamic',
        interpreter: expect.stringMatching(/^\/.*ld-/),
      });
  });

  it.each([0xff, 0x7f])('does not trip over numbers that point outside the file (%i)', async (fill) => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'file');
    const header = Buffer.alloc(64, fill);
    header.write('\u007fELF', 0, 'latin1');
    header[4] = 2;
    header[5] = 1;
    await writeFile(file, header);
    await expect(readElfInterpreter(file)).rejects.toThrow();
  });
});
