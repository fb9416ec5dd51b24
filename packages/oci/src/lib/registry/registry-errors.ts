import { OciError, type OciErrorCode, quoted } from '../errors.ts';

/** What a registry answered, for messages. */
interface RegistryAnswer {
  readonly method: string;
  readonly url: string;
  readonly status?: number;
  /** The registry's own words. */
  readonly said: string;
  readonly retryAfter?: number | undefined;
  readonly hint?: string;
  readonly cause?: unknown;
}

function answered({ method, url, status, said }: RegistryAnswer): string {
  const words = said === '' ? '' : quoted(said, 300).slice(1, -1);
  const state = status === undefined ? words : `registry answered ${status}${words === '' ? '' : ` ${words}`}`;
  return `Cannot ${method} "${url}": ${state}`;
}

function registryError(code: OciErrorCode, hint: string | undefined, answer: RegistryAnswer): OciError {
  const { url, status, retryAfter, cause } = answer;
  const facts = { url, ...(status !== undefined && { status }), ...(retryAfter !== undefined && { retryAfter }) };
  return new OciError(answered(answer), { code, hint: answer.hint ?? hint, facts, cause });
}

export function registryDenied(answer: RegistryAnswer): OciError {
  const hint =
    answer.status === 403
      ? 'The account may not do this: check the name of the repository and the rights of the account.'
      : 'Log in with `docker login`, or give credentials for this registry.';
  return registryError('REGISTRY_DENIED', hint, answer);
}

export function registryRefused(answer: RegistryAnswer): OciError {
  return registryError('REGISTRY_REFUSED', undefined, answer);
}

export function registryUnavailable(answer: RegistryAnswer): OciError {
  return registryError(
    'REGISTRY_UNAVAILABLE',
    'Check that the registry is up and can be reached from here, then try again.',
    answer,
  );
}

export function registryResponseInvalid(method: string, url: string, problem: string): OciError {
  return registryError('REGISTRY_RESPONSE_INVALID', 'This does not look like an OCI registry: check its address.', {
    method,
    url,
    said: problem,
  });
}

export function redirectRefused(from: URL, location: string, problem: string): OciError {
  return new OciError(`Cannot follow "${from.host}" to ${quoted(location)}: ${problem}`, {
    code: 'REDIRECT_REFUSED',
    hint: 'The registry sends its clients somewhere unsafe: ask who runs it.',
  });
}

const UNSAFE_REALM = 'The registry names an unsafe place to log in: ask who runs it.';

export function realmRefused(registry: URL, realm: string, problem: string, hint = UNSAFE_REALM): OciError {
  return new OciError(`Cannot log in to "${registry.host}" at ${quoted(realm)}: ${problem}`, {
    code: 'REALM_REFUSED',
    hint,
  });
}

export function digestDiffers(url: string, expected: string, found: string): OciError {
  return new OciError(`Cannot use what "${url}" stored: it has the digest ${quoted(found)} instead of "${expected}"`, {
    code: 'DIGEST_MISMATCH',
    hint: 'The content was changed on the way: look for a proxy between here and the registry.',
    facts: { url, digest: expected, expected, found },
  });
}
