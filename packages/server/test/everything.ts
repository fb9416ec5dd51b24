import { readdir } from 'node:fs/promises';
import { createServer, type McpServer, type McpServerOptions, type ServerDefinition } from '@mcpgen/server/runtime';

const PROJECT = new URL('../../../examples/everything/', import.meta.url);

/** The example project with every feature of the protocol, served without a build: each file imported as it is. */
export async function everythingServer(options: McpServerOptions = {}): Promise<McpServer> {
  const [tools, resources, prompts] = await Promise.all(['tools', 'resources', 'prompts'].map(importAll));
  return createServer(
    { info: { name: 'everything', version: '1.0.0' }, tools, resources, prompts } as ServerDefinition,
    options,
  );
}

async function importAll(directory: string): Promise<Record<string, unknown>> {
  const files = (await readdir(new URL(`${directory}/`, PROJECT))).filter((name) => name.endsWith('.ts'));
  const definitions = files.map(async (name) => {
    const module: { readonly default: unknown } = await import(new URL(`${directory}/${name}`, PROJECT).href);
    return [name.replace(/\.ts$/, ''), module.default] as const;
  });
  return Object.fromEntries(await Promise.all(definitions));
}
