// What generated validators check by. compileValidator copies the declarations that a validator needs, each from its
// `export` to the next: a declaration may use another only where PARTS in validator-parts.ts says so.
// @ts-check

/** @type {(text: string) => number} Length in code points. */
export function codePoints(text) {
  let length = text.length;
  for (let index = 0; index + 1 < text.length; index++) {
    if ((text.charCodeAt(index) & 0xfc00) === 0xd800 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00) {
      length--;
      index++;
    }
  }
  return length;
}

/** @type {(a: any, b: any) => boolean} Equality of two JSON values. */
export function equal(a, b) {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]));
}

/** @type {(source: string, flags: string) => { test(text: string): boolean }} A pattern for names of properties. */
export function namePattern(source, flags) {
  const pattern = new RegExp(source, flags);
  return { test: (text) => text.length <= 1000 && pattern.test(text) };
}

/** @type {(value: number, step: number) => boolean} */
export function isMultiple(value, step) {
  if (Number.isInteger(step)) return value % step === 0;
  const ratio = value / step;
  return Math.abs(ratio - Math.round(ratio)) <= 4 * Number.EPSILON * Math.max(1, Math.abs(ratio));
}

/** @type {(list: any[]) => readonly [number, number] | undefined} Two equal items, in one pass. */
export function twins(list) {
  const canonical = (/** @type {any} */ value) => {
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
    /** @type {string} */
    const fields = Object.keys(value)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`)
      .join();
    return `{${fields}}`;
  };
  const seen = new Map();
  for (const [index, item] of list.entries()) {
    const key = canonical(item);
    const other = seen.get(key);
    if (other !== undefined) return [other, index];
    seen.set(key, index);
  }
  return undefined;
}

/** @type {(text: string) => boolean} */
export function isDate(text) {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (match === null) return false;
  const [year, month, day] = match.slice(1).map(Number);
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  return month >= 1 && month <= 12 && day >= 1 && day <= days;
}

/** @type {(text: string) => boolean} RFC 3339 `full-time`, leap seconds at midnight UTC included. */
export function isTime(text) {
  const match = /^(\d\d):(\d\d):(\d\d)(?:\.\d{1,20})?(?:z|([+-])(\d\d):(\d\d))$/i.exec(text);
  if (match === null) return false;
  const [hour, minute, second] = match.slice(1, 4).map(Number);
  const offsetHour = Number(match[5] ?? 0);
  const offsetMinute = Number(match[6] ?? 0);
  if (hour > 23 || minute > 59 || offsetHour > 23 || offsetMinute > 59) return false;
  if (second < 60) return true;
  const sign = match[4] === '-' ? -1 : 1;
  const inDay = (hour * 60 + minute - sign * (offsetHour * 60 + offsetMinute) + 2880) % 1440;
  return second === 60 && inDay === 1439;
}

/** @type {(text: string) => boolean} */
export function isDateTime(text) {
  return /^[tT ]$/.test(text.charAt(10)) && isDate(text.slice(0, 10)) && isTime(text.slice(11));
}

/** @type {(text: string) => boolean} An absolute URI of RFC 3986. */
export function isUri(text) {
  return /^[a-z][a-z0-9+.-]*:[!#$%&'()*+,./0-9:;=?@A-Z[\]_a-z~-]*$/i.test(text) && !/%(?![0-9a-f]{2})/i.test(text);
}

/** @type {(text: string) => boolean} */
export function isRegex(text) {
  try {
    return new RegExp(text, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

/** @type {(text: string) => boolean} */
export function isBase64(text) {
  return text.length % 4 === 0 && /^[a-z0-9+/]*={0,2}$/i.test(text);
}

/** @type {(value: unknown, limit: number) => boolean} Whether a value holds at most so many values. */
export function isSmall(value, limit) {
  const open = [value];
  for (let count = 0; open.length > 0; count++) {
    if (count + open.length > limit) return false;
    const next = open.pop();
    if (Array.isArray(next)) {
      if (next.length > limit) return false;
      open.push(...next);
    } else if (typeof next === 'object' && next !== null) {
      for (const key in next) {
        open.push(/** @type {any} */ (next)[key]);
        if (open.length > limit) return false;
      }
    }
  }
  return true;
}
