// How generated validators say what is wrong. Copied into each of them by compileValidator, like validator.js.
// @ts-check

/**
 * @typedef {{ instancePath: string, schemaPath: string, keyword: string, params: Record<string, any>, propertyName?: string }} AjvError
 * @typedef {{ path: string, message: string }} Issue
 */

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
