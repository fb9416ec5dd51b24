import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { factsOf, openFileClock } from '@mcpgen/build-cache';

/** Waits until every later write to a file below a directory must show in what the file system says of it: some ticks of its clock. */
export async function untilSettled(directory: string): Promise<void> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((name) => name.isFile());
  const clock = openFileClock(join(directory, '..', 'clock'), Date.now);
  for (const { parentPath, name } of files) {
    const facts = factsOf(lstatSync(join(parentPath, name)));
    while (!clock.isSettled(facts)) await new Promise(setImmediate);
  }
}
