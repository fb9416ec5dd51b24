import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { packageInvalid, projectUnreadable } from './errors.ts';

/** Name and version of a project, from its package.json or else its directory. @throws GeneratorError PACKAGE_INVALID. */
export function readPackage(root: string): { readonly name: string; readonly version: string } {
  const fallback = { name: basename(root) || 'server', version: '0.0.0' };
  let text: string;
  try {
    text = readFileSync(join(root, 'package.json'), 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return fallback;
    throw projectUnreadable('package.json', cause);
  }
  const content = parsePackage(text);
  return { name: textField(content, 'name', fallback.name), version: textField(content, 'version', fallback.version) };
}

function parsePackage(text: string): object {
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : '';
    const position = Number(/at position (\d+)/.exec(message)?.[1] ?? text.length);
    throw packageInvalid('it is not JSON', text.slice(0, position).split('\n').length);
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw packageInvalid('expected an object');
  return content;
}

function textField(content: object, field: string, fallback: string): string {
  const value: unknown = Reflect.get(content, field);
  if (value === undefined) return fallback;
  if (typeof value !== 'string' || value === '') throw packageInvalid(`"${field}" must be a text`);
  return value;
}
