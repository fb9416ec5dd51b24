// Parts of generated validators. compileValidator copies the declarations that a validator needs, each from its
// `export` to the next: a declaration may use another only where VALIDATOR_PARTS in compile-validator.ts says so.
// @ts-check

/**
 * @typedef {{ instancePath: string, schemaPath: string, keyword: string, params: Record<string, any>, propertyName?: string }} AjvError
 * @typedef {{ path: string, message: string }} Issue
 */

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

/** @type {(value: unknown) => string} A value in a message, cut at 64 characters. */
export function shown(value) {
  if (typeof value === 'string') return JSON.stringify(value.length > 64 ? `${value.slice(0, 64)}…` : value);
  return Array.isArray(value) ? 'array' : typeof value === 'object' && value !== null ? 'object' : String(value);
}

/** @type {(value: unknown) => string} */
export function typeOf(value) {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

/** @type {(input: any, pointer: string) => any} The part of the input that an error is about. */
export function valueAt(input, pointer) {
  let value = input;
  for (const step of pointer.split('/').slice(1)) value = value?.[step.replace(/~1/g, '/').replace(/~0/g, '~')];
  return value;
}

/** @type {(values: any[]) => string} */
export function oneOf(values) {
  const list = values.slice(0, 12).map(shown);
  if (values.length > 12) list.push('…');
  return list.length === 1 ? list[0] : `one of ${list.join(', ')}`;
}

/** @type {(count: number, noun: string) => string} */
export function counted(count, noun) {
  return `${count} ${count === 1 ? noun : noun === 'property' ? 'properties' : `${noun}s`}`;
}

/** @type {Record<string, (params: any, value: any) => string>} What was expected, by keyword. */
export const sentences = {
  type: ({ type }, value) => `expected ${[].concat(type).join(' or ')}, got ${typeOf(value)}`,
  enum: ({ allowedValues }, value) => `expected ${oneOf(allowedValues)}, got ${shown(value)}`,
  const: ({ allowedValue }, value) => `expected ${shown(allowedValue)}, got ${shown(value)}`,
  minLength: ({ limit }, value) => `expected at least ${counted(limit, 'character')}, got ${value.length}`,
  maxLength: ({ limit }, value) => `expected at most ${counted(limit, 'character')}, got ${value.length}`,
  pattern: ({ pattern, limit }, value) =>
    value.length > limit
      ? `expected at most ${counted(limit, 'character')}, got ${value.length}`
      : `expected text that matches ${shown(pattern)}, got ${shown(value)}`,
  format: ({ format }, value) => `expected ${shown(format)}, got ${shown(value)}`,
  minimum: ({ limit }, value) => `expected at least ${limit}, got ${value}`,
  maximum: ({ limit }, value) => `expected at most ${limit}, got ${value}`,
  exclusiveMinimum: ({ limit }, value) => `expected more than ${limit}, got ${value}`,
  exclusiveMaximum: ({ limit }, value) => `expected less than ${limit}, got ${value}`,
  multipleOf: ({ multipleOf }, value) => `expected a multiple of ${multipleOf}, got ${value}`,
  minItems: ({ limit }, value) => `expected at least ${counted(limit, 'item')}, got ${value?.length}`,
  maxItems: ({ limit }, value) => `expected at most ${counted(limit, 'item')}, got ${value?.length}`,
  items: ({ limit }, value) => `expected at most ${counted(limit, 'item')}, got ${value?.length}`,
  uniqueItems: ({ twins: [first, second] }) => `expected different items, but items ${first} and ${second} are equal`,
  contains: ({ minContains }) => `expected at least ${minContains} of its items to be of another kind`,
  minProperties: ({ limit }) => `expected at least ${counted(limit, 'property')}`,
  maxProperties: ({ limit }) => `expected at most ${counted(limit, 'property')}`,
  required: () => 'required, but missing',
  dependentRequired: ({ property }) => `required beside ${shown(property)}, but missing`,
  additionalProperties: () => 'unknown property',
  unevaluatedProperties: () => 'unknown property',
  propertyNames: ({ propertyName }) => `the name ${shown(propertyName)} is not allowed`,
  oneOf: ({ passingSchemas }) =>
    passingSchemas ? 'expected exactly one of the alternatives to fit, but two do' : 'fits none of the alternatives',
  anyOf: () => 'fits none of the alternatives',
  discriminator: ({ tagValue }) => `${shown(tagValue)} is not one of the alternatives`,
  nesting: () => 'expected less nesting',
};

/** @type {(error: AjvError, input: unknown) => Issue} */
export function issueOf({ instancePath, keyword, params }, input) {
  const name =
    params.missingProperty ??
    params.additionalProperty ??
    params.unevaluatedProperty ??
    (keyword === 'discriminator' ? params.tag : undefined);
  const step = name === undefined ? '' : `/${String(name).replace(/~/g, '~0').replace(/\//g, '~1')}`;
  const path = `${instancePath}${step}`;
  const sentence = Object.hasOwn(sentences, keyword) ? sentences[keyword] : undefined;
  const message = sentence === undefined ? 'not allowed here' : sentence(params, valueAt(input, instancePath));
  return { path: path.length > 256 ? `${path.slice(0, 256)}…` : path, message };
}

/** @type {(union: AjvError, parts: AjvError[], input: unknown) => Issue} The one thing to say of failed alternatives. */
export function unionIssue(union, parts, input) {
  const here = parts.filter((part) => part.instancePath === union.instancePath);
  const types = here.filter((part) => part.keyword === 'type').flatMap((part) => part.params.type);
  const values = here.flatMap(({ keyword, params }) =>
    keyword === 'enum' ? params.allowedValues : keyword === 'const' ? [params.allowedValue] : [],
  );
  const rest = parts.filter((part) => !here.includes(part) || !['type', 'enum', 'const'].includes(part.keyword));
  if (rest.length > 0 || parts.length === 0) {
    const depth = (/** @type {AjvError} */ part) => part.instancePath.split('/').length;
    const deepest = rest.reduce((best, part) => (depth(part) > depth(best) ? part : best), rest[0] ?? union);
    return issueOf(deepest, input);
  }
  const value = valueAt(input, union.instancePath);
  const expected = [...new Set([...(values.length > 0 ? [oneOf(values)] : []), ...types])].join(' or ');
  const got = types.includes(typeOf(value)) || values.length > 0 ? shown(value) : typeOf(value);
  return { path: issueOf(union, input).path, message: `expected ${expected}, got ${got}` };
}

/** @type {(errors: AjvError[], input: unknown) => Issue[]} At most eight sentences about what ajv found. */
export function issuesOf(errors, input) {
  /** @type {{ error: AjvError, issue?: Issue }[]} */
  const found = [];
  for (const error of errors) {
    const union = error.keyword === 'anyOf' || (error.keyword === 'oneOf' && !error.params.passingSchemas);
    if (!union && error.keyword !== 'propertyNames') {
      if (error.keyword !== 'if') found.push({ error });
      continue;
    }
    const parts = [];
    for (let last = found.at(-1); last !== undefined; last = found.at(-1)) {
      const { instancePath, schemaPath, propertyName } = last.error;
      const within = schemaPath.startsWith(`${error.schemaPath}/`) || !schemaPath.startsWith('#/properties');
      const beneath = instancePath.startsWith(error.instancePath) && within;
      if (union ? !beneath : propertyName === undefined) break;
      parts.unshift(last.error);
      found.pop();
    }
    found.push(union ? { error, issue: unionIssue(error, parts, input) } : { error });
  }
  /** @type {Map<string, Issue>} */
  const issues = new Map();
  for (const { error, issue = issueOf(error, input) } of found) {
    issues.set(`${issue.path}\n${issue.message}`, issue);
    if (issues.size === 8) break;
  }
  return issues.size > 0 ? [...issues.values()] : [{ path: '', message: 'not valid' }];
}
