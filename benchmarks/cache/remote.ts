// What goes to a remote cache when 5 percent of the files change, and how much longer a build takes whose remote hangs.
// By the registry in MCPGEN_TEST_REGISTRY, or one in this process.
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { digestOf, openLocalCache } from '@mcpgen/build-cache';
import { openRemoteTier, pushEntries } from '@mcpgen/build-cache/remote';
import { openRegistry } from '@mcpgen/oci';
import { startRegistry } from '@mcpgen/testing';
import { createProject } from '../build/project-fixture.ts';
import { runCommand } from '../build/run-command.ts';
import type { Measurement } from '../lib/benchmark.ts';
import { report } from '../lib/report.ts';
import { FILES, listTree, remove, scratchDirectory } from './tree.ts';

const BIN = ['--conditions=@mcpgen/source', '--disable-warning=ExperimentalWarning'];
const MAIN = new URL('../../apps/cli/src/bin.ts', import.meta.url).pathname;

const own = process.env.MCPGEN_TEST_REGISTRY ? undefined : await startRegistry();
const host = process.env.MCPGEN_TEST_REGISTRY ?? own?.host;

/** Writes one file in so many, each of 20 kB that zstd halves, no two alike. */
function writeFiles(directory: string, every: number): void {
  for (let index = 0; index < FILES; index += every) {
    const folder = join(directory, `d${index % 100}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `f${index}.txt`), randomBytes(10_000).toString('hex'));
  }
}

/** 10,000 files of 20 kB as one entry; sent as they are, and then with one in twenty changed. MB. */
async function uploads(): Promise<{ readonly whole: number; readonly changed: number }> {
  const scratch = scratchDirectory();
  const tree = join(scratch, 'tree');
  const repository = `${host}/mcpgen-benchmark/${randomUUID()}`;
  try {
    writeFiles(tree, 1);
    const near = openLocalCache({ directory: join(scratch, 'store'), now: Date.now, maxBytes: 100e9 });
    const send = async (name: string): Promise<number> => {
      const entry = { step: 'tree', directory: tree, paths: listTree(tree), value: null, duration: 1 };
      await near.store({ key: digestOf(name), ...entry });
      const open = (signal: AbortSignal) => openRegistry(repository, { access: 'push', signal });
      const { bytes } = await pushEntries(
        openRemoteTier({ open, tag: 'main', exchange: near.exchange, patience: 60_000 }),
        near,
      );
      return bytes / 1e6;
    };
    const whole = await send('before');
    writeFiles(tree, 20);
    return { whole, changed: await send('after') };
  } finally {
    remove(scratch);
  }
}

let sent: ReturnType<typeof uploads> | undefined;

const upload: Measurement = {
  name: 'sent to a registry, of 10,000 files of 20 kB',
  unit: 'MB',
  variants: ['all of them', '5 percent changed'],
  rounds: 1,
  measure: async (variant) => {
    sent ??= uploads();
    const { whole, changed } = await sent;
    return variant === 'all of them' ? whole : changed;
  },
  targets: [{ variant: '5 percent changed', kind: 'ratio', atMost: 0.1 }],
};

/** Takes requests and never answers. */
const hanging = createServer(() => undefined).listen(0, '127.0.0.1');
await new Promise((resolve) => hanging.once('listening', resolve));
const place = `127.0.0.1:${(hanging.address() as AddressInfo).port}/team/cache:main`;

const bound: Measurement = {
  name: 'first build of 20 tools without an image, wall',
  unit: 'ms',
  variants: ['no remote', 'from and to one that hangs'],
  rounds: 3,
  measure: async (variant) => {
    using project = createProject(20);
    const remote = variant === 'no remote' ? [] : ['--cache-from', place, '--cache-to', place];
    const flags = ['build', '--no-image', '--no-typecheck', ...remote];
    const { wall } = await runCommand([...BIN, MAIN, ...flags], project.directory);
    return wall;
  },
  // The patience of 5 s, and half a second for what the machine does meanwhile.
  targets: [{ variant: 'from and to one that hangs', kind: 'difference', atMost: 5500 }],
};

try {
  await report('Remote caches', [upload, bound]);
} finally {
  hanging.closeAllConnections();
  hanging.close();
  await own?.close();
}
