import { quote } from './errors.ts';

/** Longest name that the protocol allows. */
export const NAME_LIMIT = 128;
/** Longest name that widespread clients accept. */
export const CLIENT_NAME_LIMIT = 64;

/** What is wrong with a name of a tool, prompt, resource file or connector, in the protocol's rules, or undefined. */
export function nameFault(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name.length > NAME_LIMIT) return `it has ${name.length} characters, at most ${NAME_LIMIT} are allowed`;
  const bad = /[^A-Za-z0-9_.-]/u.exec(name)?.[0];
  return bad === undefined ? undefined : `${quote(bad)} is not allowed in it`;
}

/** A sentence about a valid name that many clients would refuse, or undefined. */
export function nameWarning(name: string): string | undefined {
  if (name.length <= CLIENT_NAME_LIMIT) return undefined;
  return `The name ${quote(name)} has ${name.length} characters: many clients refuse more than ${CLIENT_NAME_LIMIT}`;
}

/** The candidate closest to a misspelt word, if it is close enough to be meant. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3));
  let best: { readonly candidate: string; readonly distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), limit);
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { candidate, distance };
  }
  return best?.candidate;
}

function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
