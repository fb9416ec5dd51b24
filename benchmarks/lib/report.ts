import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { type Measurement, type Row, runMeasurement, type Target, valueFor } from './benchmark.ts';

export interface BenchmarkOptions {
  /** Multiplies the rounds of each measurement. */
  readonly rounds: number;
  /** Only measurements whose name holds this text. */
  readonly only: string;
}

/** Reads the flags that every benchmark takes. */
export function readOptions(argv: readonly string[] = process.argv.slice(2)): BenchmarkOptions & Flags {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      rounds: { type: 'string', default: '1' },
      only: { type: 'string', default: '' },
      json: { type: 'string', default: '' },
      assert: { type: 'boolean', default: false },
    },
  });
  return { rounds: Number(values.rounds), only: values.only, json: values.json, assert: values.assert };
}

interface Flags {
  /** A file to write all samples to. */
  readonly json: string;
  /** End with exit code 4 when a target is passed. */
  readonly assert: boolean;
}

/** Runs the measurements, prints a table as they come, and sets the exit code. */
export async function report(title: string, measurements: readonly Measurement[]): Promise<void> {
  const { rounds, only, json, assert } = readOptions();
  const rows: Row[] = [];
  print(`# ${title}\n\nNode ${process.version}, ${availableParallelism()} x ${cpus()[0]?.model ?? 'unknown'}\n`);
  print(formatCells(['', 'variant', 'median', 'best', 'to baseline', 'of the best', 'target', 'holds']));
  print(formatCells(['---', '---', '--:', '--:', '--:', '--:', '--:', '---']));
  for (const measurement of measurements.filter(({ name }) => name.includes(only))) {
    const measured = await runMeasurement({ ...measurement, rounds: Math.ceil(measurement.rounds * rounds) });
    for (const row of measured) print(formatRow(row));
    rows.push(...measured);
  }
  if (json !== '') writeFileSync(json, `${JSON.stringify({ title, node: process.version, rows }, null, 2)}\n`);
  const missed = rows.filter((row) => row.holds === false);
  if (missed.length > 0) print(`\n${missed.length} of ${rows.filter((row) => row.target).length} targets missed`);
  if (assert && missed.length > 0) process.exitCode = 4;
}

function formatRow(row: Row): string {
  const { measurement, variant, unit, median, best, ratio, difference, bestRatio, target, holds } = row;
  const compared = unit === 'MB' ? `${difference < 0 ? '' : '+'}${round(difference)} MB` : `x ${ratio.toFixed(2)}`;
  const least = unit === 'MB' ? '' : `x ${bestRatio.toFixed(2)}`;
  const asked = target === undefined ? '' : formatTarget(target, unit);
  const verdict = target === undefined ? '' : `${holds ? 'yes' : 'NO'} (${round(valueFor(target, row))})`;
  return formatCells([measurement, variant, `${round(median)} ${unit}`, round(best), compared, least, asked, verdict]);
}

function formatTarget({ kind, atMost, to }: Target, unit: string): string {
  const other = to === undefined ? '' : ` of ${to}`;
  if (kind === 'ratio') return `x ${Number(atMost.toFixed(3))}${other}`;
  return kind === 'difference' ? `+${atMost} ${unit}${other}` : `${atMost} ${unit}`;
}

function round(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

function formatCells(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
