import { compileValidator } from '../src/lib/compile-validator.ts';
import type { JsonSchema } from '../src/lib/description.ts';

export interface Issue {
  readonly path: string;
  readonly message: string;
}
export type Validator = (input: unknown) => true | readonly Issue[];

/** Compiles a schema and imports the text. */
export async function load(schema: JsonSchema): Promise<Validator> {
  const text = compileValidator(schema, { name: 'test' });
  const module: { readonly default: Validator } = await import(`data:text/javascript,${encodeURIComponent(text)}`);
  return module.default;
}
