/** One row: columns by name. */
export type Row = Readonly<Record<string, unknown>>;

/** What both databases can do. Parameters stand in the text as `$1`, `$2`: values never become part of it. */
export interface Database {
  query<R extends Row>(sql: string, parameters?: readonly (string | number | null)[]): Promise<readonly R[]>;
  close(): Promise<void>;
}

/** Makes a text match itself in `like … escape '!'`. */
export function escapeLike(text: string): string {
  return text.replaceAll(/[!%_]/g, '!$&');
}
