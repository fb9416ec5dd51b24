/** What is wrong with a definition. The worker adds the file and finds the line of `field` in it. */
export class DefinitionFault extends Error {
  override readonly name = 'DefinitionFault';
  /** The field to point at, or undefined for the definition as a whole. */
  readonly field: string | undefined;
  readonly hint: string | undefined;
  readonly code: 'DEFINITION_INVALID' | 'SCHEMA_INVALID';

  constructor(
    state: string,
    {
      field,
      hint,
      code = 'DEFINITION_INVALID',
    }: { field?: string; hint?: string; code?: DefinitionFault['code'] } = {},
  ) {
    super(state);
    this.field = field;
    this.hint = hint;
    this.code = code;
  }
}

export function schemaFault(field: string, state: string, hint?: string): DefinitionFault {
  return new DefinitionFault(`${field}: ${state}`, {
    field,
    code: 'SCHEMA_INVALID',
    ...(hint === undefined ? {} : { hint }),
  });
}
