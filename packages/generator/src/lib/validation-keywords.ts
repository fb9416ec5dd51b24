/**
 * Keywords that mcpgen adds to JSON Schema in the schemas that `compileValidator` reads. They never reach a client.
 *
 * On an object, `strip` removes what no property names, and `keep` removes `__proto__` alone, as zod does.
 */
export const UNKNOWN_KEYWORD = 'x-mcpgen-unknown';
/** Beside `pattern`: the flags to compile it with. Absent: `u` where it makes a difference. */
export const FLAGS_KEYWORD = 'x-mcpgen-flags';
/**
 * At the top of what was made here: `utf16` counts lengths of texts as JavaScript does, `points` in code points, as JSON
 * Schema says. Absent from schemas that authors wrote.
 */
export const LENGTH_KEYWORD = 'x-mcpgen-length';
/** Beside `oneOf`: the property whose value chooses among the alternatives, which are then not tried one by one. */
export const TAG_KEYWORD = 'x-mcpgen-tag';
