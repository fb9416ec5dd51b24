/** Why a value that one schema takes may be refused by another. */
export interface SchemaFinding {
  /** Where, from the top of the schema: `filter.tags[]`; empty for the top. */
  readonly path: string;
  readonly aspect: SchemaAspect;
  /** What was there: for `type` and `values`, what is refused. As text. */
  readonly from?: string | undefined;
  /** What is there instead: for `type` and `values`, what is left. */
  readonly to?: string | undefined;
}

export type SchemaAspect =
  /** A property that must be given. */
  | 'required'
  /** A property that may not be given. */
  | 'removed'
  /** Properties besides those named may not be given. */
  | 'closed'
  | 'type'
  | 'values'
  /** Nothing is taken. */
  | 'forbidden'
  /** It cannot be told; `to` names the keyword. */
  | 'unclear'
  /** A keyword of JSON Schema whose values are compared. */
  | LimitKeyword;

export type LimitKeyword =
  | 'minimum'
  | 'maximum'
  | 'multipleOf'
  | 'minLength'
  | 'maxLength'
  | 'pattern'
  | 'format'
  | 'minItems'
  | 'maxItems'
  | 'uniqueItems'
  | 'minProperties'
  | 'maxProperties'
  | 'dependentRequired';

/** The path of a property: `city`, `filter.city`, `["a b"]`. */
export function propertyPath(path: string, name: string): string {
  if (!/^[A-Za-z_$][\w$-]*$/.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === '' ? name : `${path}.${name}`;
}

export function unclear(path: string, keyword: string): SchemaFinding {
  return { path, aspect: 'unclear', to: keyword };
}
