import { readFileSync } from 'node:fs';

/**
 * Whether Ctrl-C in a terminal reaches this process and its children alike, since they are its foreground group. Linux
 * says it, whatever the streams are; elsewhere a stream that is a terminal stands for it.
 */
export function ownsTerminal({ stdin, stdout, stderr }: NodeJS.Process): boolean {
  return readForeground() ?? [stdin, stdout, stderr].some((stream) => stream.isTTY);
}

/** From proc_pid_stat(5): `pid (name) state ppid pgrp session tty_nr tpgid …`, where the name may hold anything. */
function readForeground(): boolean | undefined {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1');
    const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return group === foreground;
  } catch {
    return undefined;
  }
}
