import type { DerivedTexts } from './stat-index.ts';

/** Values that were derived from contents, each parsed when it is asked for. */
export interface DerivedValues {
  /** `undefined` where there is none. The same value each time: it is shared. */
  recall(key: string): unknown;
  set(key: string, value: unknown): void;
  /** What is worth keeping: what this run asked for, and what belongs to a content that a file still has (64 hex digits). */
  remaining(contents: ReadonlySet<string>): DerivedTexts;
}

/** @param read the columns, asked for when the first value is. */
export function openDerivedValues(read: () => DerivedTexts): DerivedValues {
  let columns: DerivedTexts | undefined;
  let rows: ReadonlyMap<string, number> | undefined;
  const parsed = new Map<string, unknown>();
  const made = new Map<string, unknown>();
  const asked = new Set<string>();
  const kept = (): DerivedTexts => {
    columns ??= read();
    return columns;
  };
  const textOf = (key: string): string | undefined => {
    rows ??= new Map(kept().names.map((name, row) => [name, row]));
    return kept().texts[rows.get(key) ?? -1];
  };

  return {
    recall(key) {
      asked.add(key);
      if (made.has(key)) return made.get(key);
      if (parsed.has(key)) return parsed.get(key);
      const text = textOf(key);
      if (text === undefined) return undefined;
      const value: unknown = JSON.parse(text);
      parsed.set(key, value);
      return value;
    },
    set: (key, value) => void made.set(key, value),
    remaining(contents) {
      const names: string[] = [];
      const texts: string[] = [];
      kept().names.forEach((name, row) => {
        if (made.has(name) || !(asked.has(name) || contents.has(name.slice(-64)))) return;
        names.push(name);
        texts.push(kept().texts[row] ?? 'null');
      });
      for (const [name, value] of made) {
        names.push(name);
        texts.push(JSON.stringify(value) ?? 'null');
      }
      return { names, texts };
    },
  };
}
