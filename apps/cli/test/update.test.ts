import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  assembleImage,
  copyImage,
  memoryStore,
  openRegistry,
  platformOf,
  scratchBase,
  writeImage,
  writeLayer,
} from '@mcpgen/oci';
import { startRegistry, type TestRegistry } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { type CliRig, cliRig, ECHO } from './cli-rig.ts';

/** Points the tag of a base at an image with this version of Node. */
async function pushBase(registry: TestRegistry, version: string): Promise<string> {
  const store = memoryStore();
  const layer = await writeLayer([{ kind: 'file', path: 'etc/version', source: Buffer.from(version) }], {
    target: store,
    compression: 'gzip',
  });
  const image = assembleImage({
    base: scratchBase,
    layers: [{ layer, createdBy: 'base' }],
    config: { env: { NODE_VERSION: version } },
    platform: platformOf('linux', process.arch),
  });
  await writeImage(store, image);
  await copyImage(store, image.descriptor, openRegistry(`${registry.host}/bases/node`), { tags: ['24'] });
  return image.descriptor.digest;
}

async function projectOn(registry: TestRegistry): Promise<CliRig> {
  const base = `${registry.host}/bases/node:24`;
  return cliRig({ 'tools/echo.ts': ECHO, 'mcpgen.config.json': JSON.stringify({ image: { base } }) });
}

const BUILD = ['build', '--no-typecheck', '--json'];

describe('mcpgen update', () => {
  it('locks what a build looked up, and moves it only when it is told to', async () => {
    await using registry = await startRegistry();
    await using rig = await projectOn(registry);
    const first = await pushBase(registry, '24.1.0');
    const built = (await rig.run(BUILD)).json();
    expect(built.status, built.message).toBe('ok');
    const name = `${registry.host}/bases/node:24`;
    expect(JSON.parse(rig.read('mcpgen.lock'))).toEqual({ version: 1, bases: { [name]: first } });
    expect((await rig.run(['update', '--check', '--json'])).json()).toMatchObject({ code: 'UP_TO_DATE', newer: 0 });

    const second = await pushBase(registry, '24.2.0');
    // The lock file was written by that very build: it is not taken for a change.
    const again = (await rig.run(BUILD)).json();
    expect(new Set((again.steps as { reason: string }[]).map(({ reason }) => reason))).toEqual(
      new Set(['nothing changed']),
    );
    const check = await rig.run(['update', '--check']);
    expect([check.code, check.stdout]).toEqual([1, expect.stringContaining('NODE_VERSION 24.1.0 -> 24.2.0')]);
    expect(rig.read('mcpgen.lock')).toContain(first);

    const updated = await rig.run(['update', '--json']);
    expect(updated.json(), updated.stderr).toMatchObject({
      code: 'UPDATED',
      bases: [{ name, before: first, after: second, changes: ['NODE_VERSION 24.1.0 -> 24.2.0'] }],
    });
    const rebuilt = (await rig.run(BUILD)).json();
    expect((rebuilt.image as { digest: string }).digest).not.toBe((built.image as { digest: string }).digest);
  });

  it('gives two machines with one lock file the same image, whatever the tag says by then', async () => {
    await using registry = await startRegistry();
    await using one = await projectOn(registry);
    await using two = await projectOn(registry);
    await pushBase(registry, '24.1.0');
    const digestOf = async (rig: CliRig) => ((await rig.run(BUILD)).json().image as { digest: string }).digest;
    const first = await digestOf(one);
    await pushBase(registry, '24.2.0');
    await two.write({ 'mcpgen.lock': one.read('mcpgen.lock') });
    expect(await digestOf(two)).toBe(first);
  });

  it('locks the configured base before the first build, and nothing for the base host', async () => {
    await using registry = await startRegistry();
    await using rig = await projectOn(registry);
    const digest = await pushBase(registry, '24.1.0');
    expect((await rig.run(['update', '--json'])).json()).toMatchObject({ code: 'UPDATED', bases: [{ after: digest }] });
    await using host = await cliRig({ 'tools/echo.ts': ECHO });
    expect((await host.run(['update', '--json'])).json()).toMatchObject({ code: 'UP_TO_DATE', bases: [] });
    expect(existsSync(join(host.directory, 'mcpgen.lock'))).toBe(false);
  });

  it('says what is wrong, and leaves the lock file as it was', async () => {
    await using registry = await startRegistry();
    await using rig = await projectOn(registry);
    const gone = await rig.run(['update', '--json']);
    expect([gone.code, gone.json().code, existsSync(join(rig.directory, 'mcpgen.lock'))]).toEqual([
      1,
      'TAG_NOT_FOUND',
      false,
    ]);
    await rig.write({ 'mcpgen.lock': '<<<<<<< HEAD\n' });
    for (const command of [['update', '--json'], BUILD]) {
      const ran = await rig.run(command);
      expect([ran.code, ran.json().code]).toEqual([2, 'LOCK_INVALID']);
    }
    expect((await rig.run(['update', 'nowhere', '--json'])).json().code).toBe('DIRECTORY_MISSING');
  });
});
