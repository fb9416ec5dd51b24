/** A unit: how many of its dimension's base unit one of it is, and the offset of its zero. */
interface Unit {
  readonly dimension: 'length' | 'mass' | 'temperature' | 'volume';
  readonly factor: number;
  readonly offset?: number;
}

/** Base units: metre, kilogram, kelvin, litre. */
export const units = {
  mm: { dimension: 'length', factor: 0.001 },
  cm: { dimension: 'length', factor: 0.01 },
  m: { dimension: 'length', factor: 1 },
  km: { dimension: 'length', factor: 1000 },
  inch: { dimension: 'length', factor: 0.0254 },
  foot: { dimension: 'length', factor: 0.3048 },
  mile: { dimension: 'length', factor: 1609.344 },
  g: { dimension: 'mass', factor: 0.001 },
  kg: { dimension: 'mass', factor: 1 },
  ounce: { dimension: 'mass', factor: 0.028349523125 },
  pound: { dimension: 'mass', factor: 0.45359237 },
  celsius: { dimension: 'temperature', factor: 1, offset: 273.15 },
  fahrenheit: { dimension: 'temperature', factor: 5 / 9, offset: 459.67 * (5 / 9) },
  kelvin: { dimension: 'temperature', factor: 1 },
  ml: { dimension: 'volume', factor: 0.001 },
  l: { dimension: 'volume', factor: 1 },
  gallon: { dimension: 'volume', factor: 3.785411784 },
} as const satisfies Readonly<Record<string, Unit>>;

export type UnitName = keyof typeof units;

export const unitNames = Object.keys(units) as [UnitName, ...UnitName[]];

/** Rounded to ten significant digits, which hides what binary fractions add. */
export function convert(value: number, from: UnitName, to: UnitName): number {
  const source: Unit = units[from];
  const target: Unit = units[to];
  if (source.dimension !== target.dimension) {
    throw new Error(`Cannot convert ${from} to ${to}: one measures ${source.dimension}, the other ${target.dimension}`);
  }
  const base = value * source.factor + (source.offset ?? 0);
  return Number(((base - (target.offset ?? 0)) / target.factor).toPrecision(10));
}
