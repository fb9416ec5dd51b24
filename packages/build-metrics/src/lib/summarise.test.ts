import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { recordOf } from '../../test/record-of.ts';
import { largeRecord, sample } from '../../test/sample-record.ts';
import { summarise } from './summarise.ts';

const schema = JSON.parse(readFileSync(new URL('../../schema/build-summary.v1.json', import.meta.url), 'utf8'));
const validate = new Ajv2020().compile(schema);
const errorsOf = (value: unknown) => (validate(JSON.parse(JSON.stringify(value))) ? [] : validate.errors);

describe('summarise', () => {
  it('says of each step what it cost and whether it held the build up', () => {
    const { steps, criticalPath, bottlenecks, version } = summarise(sample);
    expect(version).toBe(1);
    expect(criticalPath).toEqual({ duration: 450, steps: ['plan', 'bundle:a', 'image'] });
    expect(steps.map(({ name, duration, slack, critical }) => [name, duration, slack, critical])).toEqual([
      ['plan', 100, 0, true],
      ['bundle:a', 300, 0, true],
      ['bundle:b', 10, 290, false],
      ['image', 50, 0, true],
    ]);
    expect(bottlenecks[0]).toEqual({ name: 'bundle:a', saves: 290 });
  });

  it('tells from the history which steps changed, and counts the build once', () => {
    const history = Array.from({ length: 30 }, (_, at) =>
      recordOf([{ name: 'a', start: 0, end: 1000 * (at >= 26 ? 2 : 1) + (at % 3) }], { id: `${at}`, started: at }),
    );
    const latest = history.at(-1) ?? sample;
    expect(summarise(latest, history).changes).toMatchObject([{ name: 'a', verdict: 'slower', runs: 30 }]);
    expect(errorsOf(summarise(latest, history))).toEqual([]);
  });

  it.each([
    ['a build with something of everything', sample],
    ['an empty one', recordOf([])],
    ['a large one', largeRecord(500)],
  ])('keeps to its schema: %s', (_what, record) => {
    expect(errorsOf(summarise(record))).toEqual([]);
    expect(errorsOf({ ...summarise(record), version: 2 })).not.toEqual([]);
  });
});
