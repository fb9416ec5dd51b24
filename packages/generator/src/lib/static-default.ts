import { isDeepStrictEqual } from 'node:util';
import type { ZodNode } from './zod-node.ts';

export type AbsentValue =
  /** Stays absent. */
  | { readonly kind: 'absent' }
  /** Becomes this value, always. */
  | { readonly kind: 'value'; readonly value: unknown }
  /** Depends on when or where it is asked for, or is not JSON: only the schema itself can tell. */
  | { readonly kind: 'dynamic' };

const DAY = 86_400_000;

/**
 * What a schema makes of a value that is not there. zod does not tell `default(5)` from `default(() => Date.now())`, so
 * the answer is taken three times: as it is, on another date, and watching for a look at the environment.
 */
export function absentValue(schema: ZodNode): AbsentValue {
  const results = [validate(schema, undefined), onAnotherDate(() => validate(schema, undefined))];
  const environment = watchingEnvironment(() => results.push(validate(schema, undefined)));
  const [first] = results;
  const same = results.every((result) => isDeepStrictEqual(result, first));
  if (first === undefined || !same || environment) return { kind: 'dynamic' };
  if (first.value === undefined) return { kind: 'absent' };
  // The compiled validator checks a default like any value, and writes it as JSON.
  const again = isJson(first.value) ? validate(schema, structuredClone(first.value)) : undefined;
  return isDeepStrictEqual(again, first) ? { kind: 'value', value: first.value } : { kind: 'dynamic' };
}

function validate(schema: ZodNode, value: unknown): { readonly value: unknown } | undefined {
  const result = schema['~standard'].validate(value);
  if (typeof result !== 'object' || result === null || result instanceof Promise || 'issues' in result)
    return undefined;
  return { value: 'value' in result ? result.value : undefined };
}

function isJson(value: unknown): boolean {
  if (value === undefined) return false;
  try {
    return isDeepStrictEqual(JSON.parse(JSON.stringify(value)), value);
  } catch {
    return false;
  }
}

function onAnotherDate<T>(run: () => T): T {
  const RealDate = globalThis.Date;
  const other = (): number => RealDate.now() + 1234 * DAY + 12_345_678;
  const Shifted = new Proxy(RealDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [other()] : args, newTarget),
    apply: () => new RealDate(other()).toString(),
    get: (target, key) => (key === 'now' ? other : Reflect.get(target, key)),
  });
  globalThis.Date = Shifted;
  try {
    return run();
  } finally {
    globalThis.Date = RealDate;
  }
}

function watchingEnvironment(run: () => void): boolean {
  const environment = process.env;
  let looked = false;
  process.env = new Proxy(environment, {
    get: (target, key) => {
      looked = true;
      return Reflect.get(target, key);
    },
  });
  try {
    run();
  } finally {
    process.env = environment;
  }
  return looked;
}
