import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type BuildRecord, createRecorder, parseRecord, readRecords, writeRecord } from '@mcpgen/build-metrics';
import type { Measurement } from '../lib/benchmark.ts';
import { report } from '../lib/report.ts';

/** A file per build, or embedded SQLite with the record as one value: 100 builds of 500 steps. CPU time. See decision 010. */

const BUILDS = 100;
const scratch = mkdtempSync(join(tmpdir(), 'mcpgen-history-'));
const builds = Array.from({ length: BUILDS }, (_, at) => buildOf(500, at));
const stores = {
  'a file per build': { write: writeFiles, read: (last: number) => readRecords(join(scratch, 'files'), { last }) },
  'node:sqlite': { write: writeRows, read: async (last: number) => readRows(last) },
};
type Variant = keyof typeof stores;

function measurement(name: string, rounds: number, work: (variant: Variant) => Promise<unknown>): Measurement {
  const variants = Object.keys(stores);
  return { name, unit: 'ms', variants, rounds, measure: async (variant) => cpuOf(() => work(variant as Variant)) };
}

try {
  await report('History', [
    measurement('add 100 builds', 5, (variant) => stores[variant].write(builds)),
    measurement('add one build', 15, (variant) => stores[variant].write([buildOf(500, BUILDS)])),
    measurement('read the latest', 15, (variant) => stores[variant].read(1)),
    measurement('read 60 for a trend', 8, (variant) => stores[variant].read(60)),
  ]);
  process.stdout.write(`\nfiles ${sizeOf('files')} MB, sqlite ${sizeOf('sqlite')} MB\n`);
} finally {
  rmSync(scratch, { recursive: true });
}

async function writeFiles(records: readonly BuildRecord[]): Promise<void> {
  for (const record of records) await writeRecord(join(scratch, 'files'), record);
}

async function writeRows(records: readonly BuildRecord[]): Promise<void> {
  using database = open();
  const insert = database.db.prepare('INSERT OR REPLACE INTO builds VALUES (?, ?, ?)');
  for (const record of records) insert.run(record.id, record.started, JSON.stringify(record));
}

function readRows(last: number): readonly BuildRecord[] {
  using database = open();
  const rows = database.db.prepare('SELECT record FROM builds ORDER BY started DESC LIMIT ?').all(last);
  return rows.map((row) => parseRecord(JSON.parse(String(row.record)))).reverse();
}

/** As a process of its own would: opened for each use. */
function open() {
  mkdirSync(join(scratch, 'sqlite'), { recursive: true });
  const db = new DatabaseSync(join(scratch, 'sqlite', 'builds.db'));
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000');
  db.exec('CREATE TABLE IF NOT EXISTS builds (id TEXT PRIMARY KEY, started INTEGER, record TEXT) WITHOUT ROWID');
  return { db, [Symbol.dispose]: () => db.close() };
}

function buildOf(steps: number, at: number): BuildRecord {
  let time = 0;
  const recorder = createRecorder({ now: () => time });
  for (let step = 0; step < steps; step += 1) {
    const span = recorder.start(`bundle:tools/tool_${step}`, { needs: [`scan:${step % 7}`] });
    time += 10 + ((step * 7919 + at) % 97);
    recorder.end(span, { bytes: step * 10, reason: `tools/tool_${step}.ts changed` });
  }
  return recorder.record({ id: `${at}`, name: 'large', started: 1_795_000_000_000 + at, concurrency: 8 });
}

function sizeOf(name: string): string {
  const directory = join(scratch, name);
  const bytes = readdirSync(directory).reduce((sum, file) => sum + statSync(join(directory, file)).size, 0);
  return (bytes / 1e6).toFixed(1);
}

async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
