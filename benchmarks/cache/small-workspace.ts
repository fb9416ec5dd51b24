import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTaskWorkspace, type Member, type TaskCache, type TaskWorkspace } from './task-workspace.ts';

const PACKAGES = 10;
const SOURCES = 20;

/** 10 packages, each with its package.json, its entry and 20 sources: each task copies the sources. */
export function createSmallWorkspace(tool: TaskCache, directory: string): TaskWorkspace {
  const names = Array.from({ length: PACKAGES }, (_, index) => `p${index}`);
  const members = names.map((name, index): Member => {
    const parent = names[Math.floor((index - 1) / 2)];
    return {
      name,
      needs: parent === undefined ? [] : [parent],
      inputs: 'src/**',
      script: 'rm -rf out && cp -r src out',
    };
  });
  const workspace = createTaskWorkspace(tool, directory, members);
  for (const name of names) writeSources(workspace.member(name));
  return workspace;
}

/** The same files without a tool's own. */
export function writeSmallTree(directory: string): void {
  for (let index = 0; index < PACKAGES; index++) {
    for (const path of ['src', 'out']) writeSources(join(directory, `p${index}`), path);
    writeFileSync(join(directory, `p${index}/package.json`), '{}');
  }
}

function writeSources(member: string, path = 'src'): void {
  mkdirSync(join(member, path), { recursive: true });
  for (let index = 0; index < SOURCES; index++)
    writeFileSync(join(member, `${path}/f${index}.ts`), `export default ${index};\n`);
  writeFileSync(join(member, `${path}/index.ts`), 'export {};\n');
}
