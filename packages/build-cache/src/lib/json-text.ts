import { valueNotJson } from './errors.ts';

/**
 * JSON that reads back as what was given: refuses what JSON would change in silence (NaN, Date, Map, functions, holes).
 * Properties keep their order, because order shows in what is generated from them; `undefined` properties are left out.
 */
export function jsonText(value: unknown, name = 'value'): string {
  // Names are spelt out only where there is something to complain about.
  if (!isJson(value)) checkJson(value, name);
  return JSON.stringify(value);
}

function isJson(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      return value === null || isJsonObject(value);
    default:
      return false;
  }
}

function isJsonObject(value: object): boolean {
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) if (!isJson(value[index])) return false;
    return true;
  }
  if (!isPlain(value)) return false;
  for (const item of Object.values(value)) if (item !== undefined && !isJson(item)) return false;
  return true;
}

function checkJson(value: unknown, at: string): void {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return;
    case 'number':
      if (!Number.isFinite(value)) throw valueNotJson(at, String(value));
      return;
    case 'object':
      if (value !== null) checkObject(value, at);
      return;
    default:
      throw valueNotJson(at, typeof value);
  }
}

function checkObject(value: object, at: string): void {
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) checkJson(value[index], `${at}[${index}]`);
    return;
  }
  if (!isPlain(value)) throw valueNotJson(at, value.constructor?.name ?? 'object');
  for (const [name, item] of Object.entries(value)) if (item !== undefined) checkJson(item, `${at}.${name}`);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}
