import { parseArgs } from 'node:util';
import { runLeakCheck } from '../lib/run-leak-check.ts';
import { leakServer } from './leak-fixture.ts';
import { createMcpgenFixture } from './mcpgen-fixture.ts';

/** 200,000 calls of every kind: what the heap holds between them, after garbage collection. */

const { values } = parseArgs({
  options: { calls: { type: 'string', default: '200000' }, assert: { type: 'boolean', default: false } },
});
/** Bytes for each call: less than the smallest object, so nothing of a call is kept. */
const MOST = 16;

using fixture = await createMcpgenFixture();
process.stdout.write('| calls | heap, MB |\n| --: | --: |\n');
const { growth } = await runLeakCheck({
  main: leakServer(fixture),
  calls: Number(values.calls),
  warmUp: 20_000,
  samples: 8,
  onSample: ({ calls, bytes }) => process.stdout.write(`| ${calls} | ${(bytes / 1024 / 1024).toFixed(2)} |\n`),
});
const holds = growth <= MOST;
process.stdout.write(
  `\nEach call leaves ${growth.toFixed(2)} bytes behind; at most ${MOST}: ${holds ? 'yes' : 'NO'}\n`,
);
if (values.assert && !holds) process.exitCode = 4;
