import type { PrebuiltSource } from './dockerfile-options.ts';

/** What changes with the packages, what with the tools: the folders of a server that `mcpgen build` wrote. */
const FOLDERS = ['runtime', 'node_modules', 'deps', 'validators', 'lists', 'modules'] as const;

/**
 * The source of an image that takes a built server.
 *
 * @param directory Where the server lies, relative to the context.
 */
export function prebuiltServer(directory: string): PrebuiltSource {
  const folders = FOLDERS.map((name) => ({ sources: [`${directory}/${name}`], target: `./${name}/`, optional: true }));
  const files = ['package.json', 'manifest.json', 'main.js'].map((name) => `${directory}/${name}`);
  return { kind: 'prebuilt', copies: [...folders, { sources: files, target: './' }] };
}
