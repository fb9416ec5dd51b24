/** `zod/v4` is written to `zod/v4.js`. No package has a name that begins with `_`, as the folder of shared chunks has. */
export function entryName(specifier: string): string {
  return `${specifier.replaceAll(/[^\w@./-]/g, '_')}.js`;
}
