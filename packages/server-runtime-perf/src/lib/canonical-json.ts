import { notCanonical } from './errors.ts';

/** Far beyond any sensible input; a cycle ends here too. */
const maxDepth = 500;

/**
 * One text for one value: keys sorted by UTF-16 code unit, no white space, numbers as JSON prints them, -0 as 0. Two
 * values have the same text only if they are equal as JSON, so the text can be a cache key. A property that is
 * `undefined` is an absent one. Throws `NOT_CANONICAL` for what JSON cannot say: NaN, infinities, BigInt, functions,
 * symbols, holes, dates and other objects that are not plain, and nesting deeper than 500.
 */
export function canonicalJson(value: unknown): string {
  return write(value, '$', 0);
}

function write(value: unknown, path: string, depth: number): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      if (!Number.isFinite(value)) throw notCanonical(path, String(value));
      return JSON.stringify(value); // prints -0 as 0
    case 'object':
      if (value === null) return 'null';
      if (depth >= maxDepth) throw notCanonical(path.slice(0, 64), `nested deeper than ${maxDepth}`);
      return Array.isArray(value) ? writeArray(value, path, depth) : writeObject(value, path, depth);
    default:
      throw notCanonical(path, `of type ${typeof value}`);
  }
}

function writeArray(array: readonly unknown[], path: string, depth: number): string {
  let text = '[';
  for (let index = 0; index < array.length; index += 1) {
    if (index > 0) text += ',';
    text += write(array[index], `${path}[${index}]`, depth + 1);
  }
  return `${text}]`;
}

function writeObject(object: object, path: string, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) throw notCanonical(path, 'not a plain object');
  let text = '{';
  for (const key of Object.keys(object).sort()) {
    const value: unknown = Reflect.get(object, key);
    if (value === undefined) continue;
    if (text.length > 1) text += ',';
    text += `${JSON.stringify(key)}:${write(value, `${path}.${key}`, depth + 1)}`;
  }
  return `${text}}`;
}
