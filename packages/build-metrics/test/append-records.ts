// Run as a process of its own by the tests: adds records to a history, as one of many builds at the same time.
import { writeRecord } from '../src/index.ts';
import { recordOf } from './record-of.ts';

const [directory = '', process_ = '', count = '0', runs = '0'] = process.argv.slice(2);
for (let at = 0; at < Number(count); at += 1) {
  const steps = Array.from({ length: 20 + at }, (_, step) => ({ name: `step:${step}`, start: step, end: step + 1 }));
  const record = recordOf(steps, { id: `${process_}-${at}`, started: 1_795_000_000_000 + at });
  await writeRecord(directory, record, { runs: Number(runs) });
}
