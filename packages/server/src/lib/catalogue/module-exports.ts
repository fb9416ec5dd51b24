import type { Connector, Prompt, Resource, Tool } from '../authoring/define.ts';
import { moduleInvalid, moduleUnreadable } from '../errors.ts';
import type { ToolHandler } from './catalogue.ts';
import type { Validator } from './manifest.ts';

/** A tool's handler, called as a method of its tool. */
export function toolHandler(tool: Tool): ToolHandler {
  return (input, call) => tool.handler(input as never, call as never);
}

/** Imports a module: the one place where author code comes in. */
export async function importDefault(specifier: string, path: string): Promise<unknown> {
  let namespace: { readonly default?: unknown };
  try {
    namespace = await import(specifier);
  } catch (cause) {
    throw moduleUnreadable(path, cause);
  }
  return namespace.default;
}

export function parseTool(value: unknown, path: string): Tool {
  if (!hasMethod(value, 'handler')) throw moduleInvalid(path, 'its default export is no tool');
  return value as Tool;
}

export function parseResource(value: unknown, path: string): Resource {
  if (!hasMethod(value, 'read')) throw moduleInvalid(path, 'its default export is no resource');
  return value as Resource;
}

export function parsePrompt(value: unknown, path: string): Prompt {
  if (!hasMethod(value, 'handler')) throw moduleInvalid(path, 'its default export is no prompt');
  return value as Prompt;
}

export function parseConnector(value: unknown, path: string): Connector<unknown> {
  if (!hasMethod(value, 'open')) throw moduleInvalid(path, 'its default export is no connector');
  return value as Connector<unknown>;
}

export function parseValidator(value: unknown, path: string): Validator {
  if (typeof value !== 'function') throw moduleInvalid(path, 'its default export is no validator');
  return value as Validator;
}

export function hasMethod(value: unknown, name: string): boolean {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, name) === 'function';
}
