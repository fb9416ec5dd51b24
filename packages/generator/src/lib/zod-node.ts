/** The part of zod 4's introspection (`zod/v4/core`, also of zod/mini) that is read here. */
export interface ZodNode {
  readonly _zod: {
    readonly def: ZodDef;
    readonly optin?: 'optional' | 'defaulted' | undefined;
    readonly values?: ReadonlySet<unknown> | undefined;
    readonly pattern?: RegExp | undefined;
    readonly innerType?: ZodNode | undefined;
    readonly traits?: ReadonlySet<string> | undefined;
  };
  readonly '~standard': { readonly validate: (value: unknown) => unknown };
}

export interface ZodDef {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** One refinement of a schema, by its own name and with its own facts: `{ check: 'min_length', minimum: 3 }`. */
export interface ZodCheck {
  readonly check: string;
  readonly [key: string]: unknown;
}

export function isZodNode(value: unknown): value is ZodNode {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const internals: unknown = Reflect.get(value, '_zod');
  if (typeof internals !== 'object' || internals === null) return false;
  const def: unknown = Reflect.get(internals, 'def');
  return typeof def === 'object' && def !== null && typeof Reflect.get(def, 'type') === 'string';
}

/** A field of a definition that must be a schema. */
export function zodChild(def: ZodDef, field: string): ZodNode {
  const child = def[field];
  if (!isZodNode(child)) throw new TypeError(`zod schema "${def.type}" has no "${field}"`);
  return child;
}

export function zodChildren(def: ZodDef, field: string): readonly ZodNode[] {
  const children = def[field];
  return Array.isArray(children) ? children.filter(isZodNode) : [];
}

/** The checks of a schema in the order in which they run: a format schema is its own first check. */
export function zodChecks({ _zod: { def, traits } }: ZodNode): readonly ZodCheck[] {
  const own = traits?.has('$ZodCheck') && typeof def.check === 'string' ? [asCheck(def)] : [];
  const added = Array.isArray(def.checks) ? def.checks.map((check: unknown) => asCheck(innerDef(check))) : [];
  return [...own, ...added];
}

/** Whether the first check of this name passes a value that is made for it; undefined where there is none. */
export function zodCheckPasses(
  { _zod: { def } }: ZodNode,
  name: string,
  valueFor: (check: ZodCheck) => unknown,
): boolean | undefined {
  for (const check of Array.isArray(def.checks) ? def.checks : []) {
    const facts = asCheck(innerDef(check));
    const value = facts.check === name ? valueFor(facts) : undefined;
    const run: unknown = value === undefined ? undefined : check._zod.check;
    if (typeof run !== 'function') continue;
    const payload = { value, issues: [] };
    run(payload);
    return payload.issues.length === 0;
  }
  return undefined;
}

function innerDef(check: unknown): unknown {
  const internals: unknown = typeof check === 'object' && check !== null ? Reflect.get(check, '_zod') : undefined;
  return typeof internals === 'object' && internals !== null ? Reflect.get(internals, 'def') : undefined;
}

function asCheck(def: unknown): ZodCheck {
  const named = typeof def === 'object' && def !== null && typeof Reflect.get(def, 'check') === 'string';
  return named ? (def as ZodCheck) : { check: 'unknown' };
}

/** The tags of an alternative that the compiled validator can choose outright: an object with a fixed set of texts. */
export function zodTags(option: ZodNode, tag: string): readonly string[] | undefined {
  const { def } = option._zod;
  if (def.type !== 'object' || zodChecks(option).length > 0 || typeof def.shape !== 'object' || def.shape === null)
    return undefined;
  const field: unknown = Reflect.get(def.shape, tag);
  if (!isZodNode(field) || !['literal', 'enum'].includes(field._zod.def.type)) return undefined;
  const values = [...(field._zod.values ?? [])];
  const texts = values.filter((value) => typeof value === 'string');
  return texts.length === values.length && !texts.some((text) => text in Object.prototype) ? texts : undefined;
}
