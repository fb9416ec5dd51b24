import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { credentialHelperFailed, credentialsUnreadable, errnoOf } from '../errors.ts';
import { isRecord, type JsonRecord } from '../json-document.ts';
import type { Credentials, CredentialsProvider } from './authenticator.ts';

/** Where `docker login` keeps what it was told. */
export interface DockerCredentialsOptions {
  /** `~/.docker`, or what `DOCKER_CONFIG` names. */
  readonly configDirectory: string;
  /** For the credential helpers: they are found by its `PATH` and read its `HOME`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const HELPER_TIMEOUT = 30_000;
const MAX_HELPER_OUTPUT = 64 * 1024;

/**
 * Looks credentials up as Docker does: the helper of the registry, then the general helper, then the file itself. No file
 * means no credentials. The file is read at the first look-up.
 *
 * @throws {OciError} from the provider: `CREDENTIALS_UNREADABLE`, `CREDENTIAL_HELPER_FAILED`
 */
export function dockerCredentials({ configDirectory, environment }: DockerCredentialsOptions): CredentialsProvider {
  const path = join(configDirectory, 'config.json');
  let config: Promise<JsonRecord> | undefined;
  return async (registry) => {
    config ??= readConfig(path);
    const { credHelpers, credsStore, auths } = await config;
    const own = keysOf(registry).map((key) => (isRecord(credHelpers) ? credHelpers[key] : undefined));
    const helper = own.find((name) => typeof name === 'string') ?? credsStore;
    if (typeof helper === 'string' && helper !== '') {
      const found = await askHelper(helper, registry, environment);
      if (found !== undefined) return found;
    }
    return isRecord(auths) ? readAuths(auths, registry, path) : undefined;
  };
}

/** The names under which a registry can stand in the file; Docker's own has an old one. */
function keysOf(registry: string): readonly string[] {
  const names = [
    registry,
    `https://${registry}`,
    `http://${registry}`,
    `${registry}/v2/`,
    `https://${registry}/v2/`,
    `https://${registry}/v1/`,
  ];
  return registry === 'docker.io' ? [DOCKER_HUB, 'index.docker.io', ...names] : names;
}

const DOCKER_HUB = 'https://index.docker.io/v1/';

async function readConfig(path: string): Promise<JsonRecord> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return {};
    throw credentialsUnreadable(path, 'the system refused', error);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {
    // The parser's message would quote the file, which holds secrets.
  }
  throw credentialsUnreadable(path, 'it is not a JSON object');
}

function readAuths(auths: JsonRecord, registry: string, path: string): Credentials | undefined {
  for (const key of keysOf(registry)) {
    const entry = auths[key];
    if (!isRecord(entry)) continue;
    const { auth, identitytoken, registrytoken, username, password } = entry;
    if (typeof registrytoken === 'string' && registrytoken !== '')
      return { kind: 'registry-token', token: registrytoken };
    if (typeof identitytoken === 'string' && identitytoken !== '')
      return { kind: 'identity-token', token: identitytoken };
    if (typeof auth === 'string' && auth !== '') return decodeAuth(auth, registry, path);
    if (typeof username === 'string' && typeof password === 'string') return { kind: 'password', username, password };
  }
  return undefined;
}

function decodeAuth(auth: string, registry: string, path: string): Credentials {
  const text = Buffer.from(auth, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon <= 0) throw credentialsUnreadable(path, `its entry "auth" for "${registry}" is not a user and a password`);
  // Docker pads with zero bytes.
  return { kind: 'password', username: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/, '') };
}

/** Protocol: https://github.com/docker/docker-credential-helpers#development */
async function askHelper(
  helper: string,
  registry: string,
  environment: DockerCredentialsOptions['environment'],
): Promise<Credentials | undefined> {
  if (!/^[A-Za-z0-9_.-]+$/.test(helper))
    throw credentialHelperFailed(helper, registry, 'its name is not the name of a program');
  const program = `docker-credential-${helper}`;
  const server = registry === 'docker.io' ? DOCKER_HUB : registry;
  const { failed, output } = await runHelper(program, server, environment);
  if (failed === undefined) return parseHelperOutput(output, helper, registry);
  if (/credentials not found/i.test(output)) return undefined;
  const missing = errnoOf(failed) === 'ENOENT';
  throw credentialHelperFailed(helper, registry, missing ? `"${program}" is not installed` : `"${program}" failed`);
}

function runHelper(program: string, server: string, environment: DockerCredentialsOptions['environment']) {
  const options = { env: { ...environment }, timeout: HELPER_TIMEOUT, maxBuffer: MAX_HELPER_OUTPUT };
  return new Promise<{ readonly failed?: Error; readonly output: string }>((resolve) => {
    const child = execFile(program, ['get'], options, (error, output) =>
      resolve(error === null ? { output } : { failed: error, output }),
    );
    // A helper that ends before it has read is told by its exit code, not by the broken pipe.
    child.stdin?.on('error', () => {});
    child.stdin?.end(server);
  });
}

function parseHelperOutput(output: string, helper: string, registry: string): Credentials | undefined {
  let value: unknown;
  try {
    value = JSON.parse(output);
  } catch {
    // Not quoted: it may be a secret.
  }
  if (!isRecord(value) || typeof value.Secret !== 'string' || typeof value.Username !== 'string') {
    throw credentialHelperFailed(helper, registry, 'its answer is not a user and a secret');
  }
  if (value.Username === '<token>') return { kind: 'identity-token', token: value.Secret };
  return value.Username === '' && value.Secret === ''
    ? undefined
    : { kind: 'password', username: value.Username, password: value.Secret };
}
