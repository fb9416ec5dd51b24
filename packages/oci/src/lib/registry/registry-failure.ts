import type { OciError } from '../errors.ts';
import { isRecord } from '../json-document.ts';
import { discardBody, readLimited } from './read-limited.ts';
import { registryDenied, registryRefused, registryUnavailable } from './registry-errors.ts';

const MAX_ERROR_BODY = 64 * 1024;

/** Statuses that may pass: too many requests, and the server's own trouble. */
const PASSING: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/**
 * Makes the error for an answer that was not expected, in one line:
 * `Cannot PUT "https://…": registry answered 403 DENIED: requested access to the resource is denied`.
 */
export async function registryFailure(response: Response, method: string, url: URL): Promise<OciError> {
  const { status } = response;
  const said = await readSaid(response, method);
  const facts = { method, url: showUrl(url), status, said };
  if (PASSING.has(status)) return registryUnavailable({ ...facts, retryAfter: readRetryAfter(response) });
  return status === 401 || status === 403 ? registryDenied(facts) : registryRefused(facts);
}

/** Without query and user: upload locations and redirects carry secrets there. */
export function showUrl({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`;
}

async function readSaid(response: Response, method: string): Promise<string> {
  if (method === 'HEAD') {
    await discardBody(response);
    return '';
  }
  const body = await readLimited(response, MAX_ERROR_BODY).catch(() => undefined);
  return body === undefined ? '' : parseErrors(body.toString('utf8'));
}

/** `{"errors":[{"code":"DENIED","message":"…"}]}`, as the distribution specification has it. */
function parseErrors(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    const errors = isRecord(body) && Array.isArray(body.errors) ? body.errors.filter(isRecord) : [];
    return errors
      .slice(0, 3)
      .map(({ code, message }) => [code, message].filter((part) => typeof part === 'string' && part !== '').join(': '))
      .join('; ');
  } catch {
    return '';
  }
}

/** Seconds. The form with a date is left out: registries do not use it, and clocks differ. */
function readRetryAfter(response: Response): number | undefined {
  const text = response.headers.get('retry-after')?.trim() ?? '';
  return /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}
