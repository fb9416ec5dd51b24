import { readFileSync } from 'node:fs';
import { getCACertificates } from 'node:tls';
import { registriesInvalid } from '../errors.ts';
import type { RegistrySettings } from './registry-settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Never through a proxy, as Docker has it. */
const LOCAL = 'localhost,127.0.0.1,::1,[::1]';

/**
 * The `fetch` for a registry: `undefined` where Node's own will do, else one that goes through the proxy of the environment
 * (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`) and trusts what the machine's settings say.
 */
export function registryFetch(environment: Environment, settings: RegistrySettings): typeof fetch | undefined {
  const proxies = proxiesOf(environment);
  if (proxies === undefined && settings.ca === undefined && settings.skipVerify !== true) return undefined;
  const tls = tlsOf(settings);
  let loading: Promise<typeof fetch> | undefined;
  return async (input, init) => {
    loading ??= loadFetch({ ...proxies, noProxy: [noProxyOf(environment), LOCAL].filter(Boolean).join(',') }, tls);
    return (await loading)(input, init);
  };
}

interface Proxies {
  readonly httpProxy?: string;
  readonly httpsProxy?: string;
}

function proxiesOf(environment: Environment): Proxies | undefined {
  const httpProxy = environment.http_proxy || environment.HTTP_PROXY;
  const httpsProxy = environment.https_proxy || environment.HTTPS_PROXY;
  if (!httpProxy && !httpsProxy) return undefined;
  return { ...(httpProxy && { httpProxy }), ...(httpsProxy && { httpsProxy }) };
}

function noProxyOf(environment: Environment): string {
  return environment.no_proxy || environment.NO_PROXY || '';
}

interface Tls {
  readonly ca?: readonly string[];
  readonly rejectUnauthorized?: boolean;
}

function tlsOf({ ca, skipVerify }: RegistrySettings): Tls {
  return {
    ...(ca !== undefined && { ca: [...getCACertificates('default'), readCertificates(ca)] }),
    ...(skipVerify === true && { rejectUnauthorized: false }),
  };
}

function readCertificates(file: string): string {
  try {
    const text = readFileSync(file, 'utf8');
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  } catch (error) {
    throw registriesInvalid(file, 'the certificates cannot be read', error);
  }
  throw registriesInvalid(file, 'it has no certificate in PEM');
}

/** Loaded only where a registry needs it. What is not named for a proxy goes directly. */
async function loadFetch(proxies: Proxies & { readonly noProxy: string }, tls: Tls): Promise<typeof fetch> {
  const undici = await import('undici');
  const { ca, ...rest } = tls;
  const connect = { ...rest, ...(ca && { ca: [...ca] }) };
  const dispatcher = new undici.EnvHttpProxyAgent({
    httpProxy: '',
    httpsProxy: '',
    ...proxies,
    connect,
    requestTls: connect,
  });
  return asFetch((input, init) => undici.fetch(input, { ...init, dispatcher }));
}

/** The same thing by two declarations: Node's own `fetch` is that of this library. */
function asFetch(fetch: (input: string | URL, init?: object) => Promise<unknown>): typeof globalThis.fetch {
  return fetch as typeof globalThis.fetch;
}
