import { valueNotJson } from './errors.ts';

/**
 * JSON that reads back as what was given: refuses what JSON would change in silence (NaN, Date, Map, functions, holes).
 * Properties keep their order, because order shows in what is generated from them; `undefined` properties are left out.
 */
export function jsonText(value: unknown, name = 'value'): string {
  checkJson(value, name);
  return JSON.stringify(value);
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
  const prototype: unknown = Object.getPrototypeOf(value);
  const plain = prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
  if (!plain) throw valueNotJson(at, value.constructor?.name ?? 'object');
  for (const [name, item] of Object.entries(value)) if (item !== undefined) checkJson(item, `${at}.${name}`);
}
