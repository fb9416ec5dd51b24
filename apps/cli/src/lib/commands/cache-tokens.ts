import { readFileSync } from 'node:fs';
import type { AccessToken } from '@mcpgen/build-cache/turborepo';
import { usageError } from '../errors.ts';

/**
 * Reads a file of tokens, a line each:
 *
 *     # right  token  namespace
 *     write    6f1c…
 *     read     93aa…
 *     write    0b7e…  pull-requests
 */
export function readTokenFile(file: string): readonly AccessToken[] {
  return parseTokens(readText(file), file);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw usageError(
      `Cannot read the tokens in "${file}": ${error instanceof Error ? error.message : String(error)}`,
      FORM,
    );
  }
}

export function parseTokens(text: string, file: string): readonly AccessToken[] {
  const lines = text.split('\n').map((line, index) => ({ words: line.trim().split(/\s+/), number: index + 1 }));
  const tokens = lines
    .filter(({ words: [first = ''] }) => first !== '' && !first.startsWith('#'))
    .map(({ words, number }) => parseLine(words, `${file}:${number}`));
  if (tokens.length === 0) throw usageError(`Cannot serve: there is no token in ${file}`, FORM);
  if (new Set(tokens.map(({ token }) => token)).size < tokens.length) {
    throw usageError(
      `Cannot serve: a token stands twice in ${file}`,
      'Make one for each line with: openssl rand -hex 24',
    );
  }
  return tokens;
}

const FORM = 'Write lines like: write 6f1c0d… pull-requests (the right, the token, and a namespace or nothing)';

/** What is wrong is said without the line itself, which holds a secret. */
function parseLine([right, token = '', namespace, ...more]: readonly string[], place: string): AccessToken {
  if ((right !== 'read' && right !== 'write') || !/^[\x21-\x7e]{8,4096}$/.test(token) || more.length > 0) {
    throw usageError(
      `Cannot serve: ${place} is not a right, a token of at least 8 characters, and a namespace or nothing`,
      FORM,
    );
  }
  if (namespace === undefined) return { right, token };
  if (!/^[\w.-]{1,64}$/.test(namespace)) {
    throw usageError(
      `Cannot serve: the namespace in ${place} has other characters than letters, digits, ".", "_" and "-"`,
    );
  }
  return { right, token, namespace };
}
