import type { Base } from '@mcpgen/oci';

const MAIN = '/app/main.js';

/**
 * How a base starts a script: by the Node that its own entrypoint names (distroless bases), else by the `node` on its
 * PATH. An entrypoint script is not kept: it would guess at what the argument means.
 */
export function entrypointOf({ config }: Base): readonly string[] {
  const [command] = config.Entrypoint ?? [];
  const isNode = command !== undefined && /(^|\/)node(js)?$/.test(command);
  return [isNode ? command : 'node', MAIN];
}
