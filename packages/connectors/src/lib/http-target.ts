import { redirectRefused, requestRefused } from './errors.ts';
import type { HttpRequest } from './http.ts';

/**
 * The path and query to ask a base address for. Whatever is put into a path, it names something below the base: an
 * address of another host, `//host`, backslashes and dot segments, encoded ones too, are refused rather than resolved.
 *
 * @throws {ConnectorError} REQUEST_REFUSED.
 */
export function resolveTarget(base: URL, path: string, query: HttpRequest['query'] = {}): string {
  if (!path.startsWith('/')) throw requestRefused(path, 'it does not begin with "/"');
  const reason = oddness(path);
  if (reason !== undefined) throw requestRefused(path, reason);
  const url = new URL(`${base.origin}${base.pathname.replace(/\/$/, '')}${path}`);
  if (url.origin !== base.origin) throw requestRefused(path, 'it leaves the base address');
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url.pathname + url.search;
}

/**
 * Where a redirect leads, if it may be followed: to the same origin, and so with the same headers.
 *
 * @throws {ConnectorError} REDIRECT_NOT_FOLLOWED.
 */
export function resolveRedirect(base: URL, from: string, location: string): string {
  const current = `${base.origin}${from}`;
  const url = URL.canParse(location, current) ? new URL(location, current) : undefined;
  if (url === undefined) throw redirectRefused(from, 'its "location" is no address');
  if (url.origin !== base.origin) throw redirectRefused(from, 'it leads to another origin');
  return url.pathname + url.search;
}

function oddness(path: string): string | undefined {
  if (path.startsWith('//')) return 'it names a host';
  if (path.includes('\\')) return 'it holds a backslash';
  if (path.includes('#')) return 'it holds a fragment';
  if (hasControl(path)) return 'it holds a control character';
  const [pathname = ''] = path.split('?', 1);
  const segments = pathname.replaceAll(/%2e/gi, '.').split(/\/|%2f|%5c/i);
  return segments.some((segment) => segment === '.' || segment === '..') ? 'it holds a dot segment' : undefined;
}

function hasControl(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code <= 0x20 || code === 0x7f) return true;
  }
  return false;
}
