/** Units of text: a result of more is not put into one string, and one more buffer, but sent slice by slice. */
const LARGE = 1024 * 1024;
/** A value is weighed by some items of each list and some fields of each object, and by so many values in all. */
const SAMPLES = 16;
const FIELDS = 64;
const LOOKS = 400;

/**
 * Whether a handler's value is sent in parts: it comes bit by bit, or it is large.
 * @param streams whether the transport can send an answer in parts; what comes bit by bit is collected otherwise
 */
export function comesInParts(value: unknown, streams: boolean | undefined): boolean {
  if (typeof value === 'string') return streams === true && value.length > LARGE;
  if (typeof value !== 'object' || value === null) return false;
  try {
    if (comesOnce(value) || comesOnce(Reflect.get(value, 'structuredContent'))) return true;
    return streams === true && weigh(value) > LARGE;
  } catch {
    return false; // a getter or a proxy that throws does so again when the value is made JSON, and is told then
  }
}

/** An async iterable: an async generator, a `ReadableStream`, a stream of Node. */
export function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, Symbol.asyncIterator) === 'function';
}

/** Whether a value can be read but once, as it comes. */
export function comesOnce(value: unknown): boolean {
  return isStream(value) || (typeof value === 'object' && value !== null && streamedFields(value).length > 0);
}

const NONE: readonly string[] = [];

/** Names of an object's fields whose values come bit by bit. */
export function streamedFields(value: object): readonly string[] {
  if (Array.isArray(value)) return NONE;
  let names: string[] | undefined;
  let count = 0;
  for (const name in value) {
    if (++count > FIELDS) break;
    if (!isStream(Reflect.get(value, name))) continue;
    names ??= [];
    names.push(name);
  }
  return names ?? NONE;
}

/**
 * About how many units of text a value's JSON has, told from samples: cheap for a small value, and never dear. A value
 * whose weight lies where no sample was taken passes for a small one.
 */
export function weigh(value: unknown, looks = { left: LOOKS }): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null || --looks.left <= 0) return 8;
  return Array.isArray(value) ? weighItems(value, looks) : weighFields(value, looks);
}

function weighItems(items: readonly unknown[], looks: { left: number }): number {
  const step = Math.max(1, Math.floor(items.length / SAMPLES));
  let sum = 0;
  let taken = 0;
  for (let index = 0; index < items.length && looks.left > 0; index += step, taken++) {
    sum += weigh(items[index], looks) + 1;
  }
  return taken === 0 ? 2 : (sum / taken) * items.length;
}

function weighFields(value: object, looks: { left: number }): number {
  let sum = 2;
  let taken = 0;
  for (const name in value) {
    if (taken === FIELDS) return (sum / taken) * Object.keys(value).length;
    sum += name.length + 4 + weigh(Reflect.get(value, name), looks);
    taken++;
  }
  return sum;
}
