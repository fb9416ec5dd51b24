import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { startRegistry, type TestRegistry } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { type CliRig, cliRig, ECHO } from './cli-rig.ts';

/** Something that stands nowhere else. */
const canary = (name: string): string => `canary-${name}-${randomBytes(9).toString('hex')}`;

const CANARIES = {
  dotenv: canary('dotenv'),
  npmrc: canary('npmrc'),
  homeNpmrc: canary('home-npmrc'),
  environment: canary('environment'),
  account: canary('account'),
  token: canary('token'),
  keyPassword: canary('key-password'),
  git: canary('git'),
  test: canary('test'),
};

/** As they are, and as they are written into headers, URLs and JSON. */
const FORMS = Object.entries(CANARIES).flatMap(([name, text]) =>
  [
    text,
    Buffer.from(`user:${text}`).toString('base64').replace(/=+$/, ''),
    Buffer.from(text).toString('base64').replace(/=+$/, ''),
    Buffer.from(text).toString('hex'),
  ].map((form) => [name, Buffer.from(form)] as const),
);

/** Everything that can be got out of some bytes. */
function unpacked(bytes: Buffer): readonly Buffer[] {
  if (bytes.subarray(0, 2).toString('hex') === '1f8b') return [bytes, gunzipSync(bytes)];
  if (bytes.subarray(0, 4).toString('hex') === '28b52ffd') return [bytes, zstdDecompressSync(bytes)];
  return [bytes];
}

/** Where a secret was found. */
function findSecrets(places: readonly (readonly [where: string, bytes: Buffer])[]): readonly string[] {
  return places.flatMap(([where, bytes]) =>
    unpacked(bytes).flatMap((content) =>
      FORMS.flatMap(([name, form]) => (content.includes(form) ? [`${name} in ${where}`] : [])),
    ),
  );
}

function filesBelow(directory: string): readonly (readonly [string, Buffer])[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [path, readFileSync(path)] as const);
}

function contentOf(registry: TestRegistry): readonly (readonly [string, Buffer])[] {
  const { blobs, manifests } = registry.repository('team/app');
  return [
    ...[...blobs].map(([digest, bytes]) => [`registry ${digest}`, bytes] as const),
    ...[...manifests].map(([digest, { bytes }]) => [`registry ${digest}`, bytes] as const),
  ];
}

/** A project with secrets wherever people keep them. */
async function plant(registry: TestRegistry): Promise<{ readonly rig: CliRig; readonly env: Record<string, string> }> {
  const { host } = registry;
  const rig = await cliRig({
    'tools/echo.ts': ECHO,
    '.env': `SECRET=${CANARIES.dotenv}\n`,
    '.npmrc': `//packages.example.com/:_authToken=${CANARIES.npmrc}\n`,
    'tools/echo.test.ts': `export const secret = '${CANARIES.test}';\n`,
    '.git/config': `[remote "origin"]\n  url = https://user:${CANARIES.git}@example.com/a.git\n`,
    'home/.npmrc': `_auth=${CANARIES.homeNpmrc}\n`,
    'docker/config.json': JSON.stringify({
      auths: { [host]: { auth: Buffer.from(`user:${CANARIES.account}`).toString('base64') } },
    }),
    'mcpgen.config.ts': `export default { name: 'app', description: process.env.SECRET_TOKEN ? 'set' : 'unset' };\n`,
  });
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const cipher = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: CANARIES.keyPassword } as const;
  const env = {
    HOME: join(rig.directory, 'home'),
    DOCKER_CONFIG: join(rig.directory, 'docker'),
    SECRET_TOKEN: CANARIES.environment,
    NPM_TOKEN: CANARIES.token,
    COSIGN_PRIVATE_KEY: String(privateKey.export(cipher)),
    COSIGN_PASSWORD: CANARIES.keyPassword,
  };
  return { rig, env };
}

const ALL = ['build', '--no-typecheck', '--sbom', '--provenance', '--tar', 'dist/image.tar'];

describe('secrets', { timeout: 120_000 }, () => {
  it.each(['--json', '--profile=optimized'])(
    'reach no layer, document, record, cache, log or registry (%s)',
    async (flag) => {
      const account = { username: 'user', password: CANARIES.account };
      await using registry = await startRegistry({ auth: { kind: 'token', ...account }, referrers: false });
      const { rig, env } = await plant(registry);
      await using _ = rig;
      const args = [...ALL, flag, '--push', `${registry.host}/team/app:1`, '--sign'];
      const ran = await rig.run(args, { env });
      expect(ran.code, ran.stdout + ran.stderr).toBe(0);
      const wrong = await rig.run(args, { env: { ...env, COSIGN_PASSWORD: 'wrong' } });
      expect(wrong.code).toBe(2);
      const denied = await rig.run([...ALL, '--push', `${registry.host}/team/app:1`], {
        env: { ...env, DOCKER_CONFIG: join(rig.directory, 'nowhere') },
      });
      expect(denied.code).toBe(3);
      const shown = [ran, wrong, denied].map(({ stdout, stderr }) => ['output', Buffer.from(stdout + stderr)] as const);
      const places = [
        ...shown,
        ...filesBelow(join(rig.directory, 'dist')),
        ...filesBelow(join(rig.directory, '.cache')),
        ...contentOf(registry),
      ];
      expect(places.length).toBeGreaterThan(30);
      expect(findSecrets(places)).toEqual([]);
    },
  );

  it('would be found: the search sees into layers', async () => {
    const { gzipSync, zstdCompressSync } = await import('node:zlib');
    const hidden = Buffer.from(`x${CANARIES.dotenv}y`);
    const places = [hidden, gzipSync(hidden), zstdCompressSync(hidden), Buffer.from(hidden.toString('hex'))];
    const found = findSecrets(places.map((bytes, index) => [String(index), bytes] as const));
    expect([...new Set(found)]).toEqual(['dotenv in 0', 'dotenv in 1', 'dotenv in 2', 'dotenv in 3']);
  });
});
