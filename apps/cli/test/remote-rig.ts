import { generateKeyPairSync } from 'node:crypto';
import { rmSync } from 'node:fs';
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
import { type CliRig, cliRig, type RunOptions } from './cli-rig.ts';

/** A machine that builds a project with remote caches. */
export interface Builder extends AsyncDisposable {
  readonly rig: CliRig;
  /** Builds the server; fails the test where the command does. */
  build(flags?: readonly string[], options?: RunOptions): Promise<Built>;
  /** As if it had never built anything. */
  forget(): void;
  /** All code of the server that it built. */
  server(): string;
}

/** What `mcpgen build --json` says, and what it wrote to stderr. */
export interface Built {
  readonly steps: readonly { readonly name: string; readonly outcome: string; readonly duration: number }[];
  readonly duration: number;
  readonly cache: {
    readonly from: readonly { readonly name: string; readonly results: number; readonly bytes: number }[];
    readonly to: { readonly name: string; readonly results: number; readonly bytes: number } | null;
  } | null;
  /** Each once, sorted. */
  readonly outcomes: readonly string[];
  readonly warnings: readonly string[];
}

/** `config` is the project's; it is the same for all who build it. */
export async function builder(
  config: Readonly<Record<string, unknown>> = {},
  files?: Readonly<Record<string, string>>,
): Promise<Builder> {
  const rig = await cliRig(files);
  await rig.write({ 'mcpgen.config.json': JSON.stringify(config) });
  return {
    rig,
    async build(flags = [], options = {}) {
      const ran = await rig.run(['build', '--no-image', '--no-typecheck', '--json', ...flags], options);
      if (ran.code !== 0) throw new Error(`mcpgen build ended with ${ran.code}: ${ran.stdout}${ran.stderr}`);
      const built = ran.json() as unknown as Built;
      return {
        ...built,
        outcomes: [...new Set(built.steps.map(({ outcome }) => outcome))].sort(),
        warnings: ran.stderr.split('\n').filter((line) => line.startsWith('warning')),
      };
    },
    forget() {
      for (const name of ['.cache', 'dist']) rmSync(join(rig.directory, name), { recursive: true, force: true });
    },
    server: () => rig.read('dist/server/modules/tools/echo.js'),
    [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose](),
  };
}

export interface KeyPair {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** Ed25519, as `openssl genpkey` makes them. */
export function keyPair(): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    privateKey: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  };
}

/** An image to build on; nothing in it runs. Its reference. */
export async function pushBase(host: string): Promise<string> {
  const store = memoryStore();
  const entries = [{ kind: 'file', path: 'base.txt', source: Buffer.from('base') }] as const;
  const layer = await writeLayer(entries, { target: store, compression: 'gzip' });
  const platform = platformOf('linux', process.arch);
  const image = assembleImage({ base: scratchBase, layers: [{ layer, createdBy: 'test' }], config: {}, platform });
  await writeImage(store, image, { tags: ['1'] });
  await copyImage(store, image.descriptor, openRegistry(`${host}/bases/tiny`, { access: 'push' }), { tags: ['1'] });
  return `${host}/bases/tiny:1`;
}
