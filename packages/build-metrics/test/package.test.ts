import {
  analyse,
  compareRecords,
  createRecorder,
  readRecords,
  toChromeTrace,
  writeRecord,
} from '@mcpgen/build-metrics';
import schema from '@mcpgen/build-metrics/schema/build-record.v1.json' with { type: 'json' };
import { temporaryDirectory } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';

describe('@mcpgen/build-metrics', () => {
  it('records, keeps, reads and analyses a build by its public names', async () => {
    await using directory = await temporaryDirectory();
    const recorder = createRecorder({ now: () => performance.now() });
    await recorder.measure('compile', async () => 1);
    const record = recorder.record({ id: '1', name: 'demo', started: 0, concurrency: 1 });
    await writeRecord(directory.path, record);
    const { records } = await readRecords(directory.path);
    expect(records).toEqual([record]);
    expect(analyse(record).criticalPath.steps).toHaveLength(1);
    expect(compareRecords(record, record).steps).toHaveLength(1);
    expect(toChromeTrace(record).traceEvents.length).toBeGreaterThan(1);
  });

  it('publishes the schema of its records', () => {
    expect(schema.properties.version.const).toBe(1);
  });
});
