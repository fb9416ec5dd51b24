/** A message with the place that it speaks of, if any. */
export interface Located {
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/** `tools/echo.ts:3:7: message`, as editors and terminals understand it. */
export function locatedMessage({ message, file, line, column }: Located): string {
  if (file === undefined) return message;
  return `${[file, line, column].filter((part) => part !== undefined).join(':')}: ${message}`;
}
