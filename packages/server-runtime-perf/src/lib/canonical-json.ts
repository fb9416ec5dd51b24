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
  return write(value, []);
}

/** @param trail keys from the outermost value to this one, for whoever is told what is wrong. */
function write(value: unknown, trail: PropertyKey[]): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      if (!Number.isFinite(value)) throw notCanonical(pathOf(trail), String(value));
      return JSON.stringify(value); // prints -0 as 0
    case 'object':
      if (value === null) return 'null';
      if (trail.length >= maxDepth) throw notCanonical(pathOf(trail).slice(0, 64), `nested deeper than ${maxDepth}`);
      return Array.isArray(value) ? writeArray(value, trail) : writeObject(value, trail);
    default:
      throw notCanonical(pathOf(trail), `of type ${typeof value}`);
  }
}

function writeArray(array: readonly unknown[], trail: PropertyKey[]): string {
  let text = '[';
  for (let index = 0; index < array.length; index += 1) {
    if (index > 0) text += ',';
    trail.push(index);
    text += write(array[index], trail);
    trail.pop();
  }
  return `${text}]`;
}

function writeObject(object: object, trail: PropertyKey[]): string {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) throw notCanonical(pathOf(trail), 'not a plain object');
  const keys = Object.keys(object);
  if (keys.length > 1) keys.sort();
  let text = '{';
  for (const key of keys) {
    const value: unknown = Reflect.get(object, key);
    if (value === undefined) continue;
    trail.push(key);
    text += `${text.length > 1 ? ',' : ''}${JSON.stringify(key)}:${write(value, trail)}`;
    trail.pop();
  }
  return `${text}}`;
}

/** `$.items[3].name` */
function pathOf(trail: readonly PropertyKey[]): string {
  return trail.reduce<string>((path, key) => path + (typeof key === 'number' ? `[${key}]` : `.${String(key)}`), '$');
}
