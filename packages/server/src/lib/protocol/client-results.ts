import type { ElicitResult, Root } from '../authoring/define.ts';
import type { JsonObject } from './json.ts';
import { isFields } from './message.ts';

/** Whether a client's answer has the form that its question asked for. */
export function isClientResult(method: string, value: unknown): boolean {
  if (!isFields(value)) return false;
  switch (method) {
    case 'elicitation/create':
      return isElicitResult(value);
    case 'roots/list':
      return Array.isArray(value.roots) && value.roots.every(isRoot);
    default:
      return isFields(value.content) || Array.isArray(value.content);
  }
}

export function toElicitResult(value: unknown): ElicitResult {
  if (!isElicitResult(value)) throw new TypeError('The client answered "elicitation/create" with something else');
  return value as ElicitResult;
}

export function toSample(value: unknown): JsonObject {
  if (!isFields(value)) throw new TypeError('The client answered "sampling/createMessage" with something else');
  return value as JsonObject;
}

export function toRoots(value: unknown): ReadonlyArray<Root> {
  const roots = isFields(value) ? value.roots : undefined;
  if (!Array.isArray(roots) || !roots.every(isRoot)) {
    throw new TypeError('The client answered "roots/list" with something else');
  }
  return roots as ReadonlyArray<Root>;
}

function isElicitResult(value: unknown): boolean {
  if (!isFields(value)) return false;
  const { action, content } = value;
  const known = action === 'accept' || action === 'decline' || action === 'cancel';
  return known && (content === undefined || isFields(content));
}

function isRoot(value: unknown): boolean {
  return isFields(value) && typeof value.uri === 'string';
}
