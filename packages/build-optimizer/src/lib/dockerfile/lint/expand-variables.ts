/** Fills in `$NAME`, `${NAME}` and `${NAME:-default}`; what has no value stays as it is. */
export function expandVariables(text: string, values: ReadonlyMap<string, string | undefined>): string {
  return text.replaceAll(/\$(?:\{(\w+)(?::?([-+])([^}]*))?\}|(\w+))/g, (whole, braced, sign, word, bare) => {
    const value = values.get(braced ?? bare);
    if (sign === '+') return value === undefined || value === '' ? '' : word;
    if (value !== undefined && value !== '') return value;
    return sign === '-' ? word : whole;
  });
}
