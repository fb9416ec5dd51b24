import type { MirroredHeader } from '../catalogue/catalogue.ts';

/** From `{ "/address/region": "Region" }`, JSON Pointer to header name, as a manifest has it. */
export function mirroredHeaders(headers: Readonly<Record<string, string>> | undefined): readonly MirroredHeader[] {
  return Object.entries(headers ?? {}).map(([pointer, header]) => ({
    header: `mcp-param-${header.toLowerCase()}`,
    path: pointer.replace(/^\//, '').split('/').map(unescapeStep),
  }));
}

function unescapeStep(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}
