import type { ServerManifest, ToolAnnotations, ToolManifest } from '@mcpgen/server';
import { temporaryDirectory, writeTree } from '@mcpgen/testing';

/** What a build would have written, in a directory of its own. */
export interface BuiltServer {
  readonly directory: URL;
  /** Replaces files, as a rebuild does. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface BuiltTool extends Partial<ToolManifest> {
  /** Source of the default export. */
  readonly source: string;
  readonly validatorSource?: string;
  /** As `tools/list` shows them. */
  readonly annotations?: ToolAnnotations;
}

/** Writes the directory of a server with these tools: manifest, list, a module each. */
export async function builtServer(
  tools: Readonly<Record<string, BuiltTool>>,
  more: Partial<ServerManifest> = {},
): Promise<BuiltServer> {
  const temporary = await temporaryDirectory();
  const directory = new URL(`file://${temporary.path}/`);
  const write = async (files: Readonly<Record<string, string>>): Promise<void> => {
    await writeTree(temporary.path, files);
  };
  await write({ 'package.json': '{"type":"module"}', ...serverFiles(tools, more) });
  return { directory, write, [Symbol.asyncDispose]: () => temporary.remove() };
}

export function serverFiles(
  tools: Readonly<Record<string, BuiltTool>>,
  more: Partial<ServerManifest> = {},
): Record<string, string> {
  const files: Record<string, string> = {};
  const entries = Object.entries(tools).map(([name, { source, validatorSource, annotations: _listed, ...entry }]) => {
    files[`modules/tools/${name}.js`] = `export default ${source};\n`;
    if (validatorSource !== undefined) files[`validators/${name}.js`] = `export default ${validatorSource};\n`;
    const validator = validatorSource === undefined ? {} : { validator: `./validators/${name}.js` };
    return [name, { module: `./modules/tools/${name}.js`, ...validator, ...entry }] as const;
  });
  const manifest: ServerManifest = {
    format: 1,
    info: { name: 'built', version: '1.0.0' },
    tools: Object.fromEntries(entries),
    resources: {},
    resourceTemplates: {},
    prompts: {},
    connectors: {},
    lists: { tools: './lists/tools.json' },
    options: {},
    ...more,
  };
  const list = Object.entries(tools).map(([name, { annotations }]) => ({
    name,
    inputSchema: { type: 'object' },
    ...(annotations && { annotations }),
  }));
  return { ...files, 'manifest.json': JSON.stringify(manifest), 'lists/tools.json': JSON.stringify(list) };
}
