import assert from 'node:assert/strict';
import { checkServer } from '@mcpgen/example-check';

await checkServer(import.meta.dirname, {
  'converts temperatures, whose zeros differ': async ({ call }) => {
    const { structured } = await call('convert-units', { value: 100, from: 'fahrenheit', to: 'celsius' });
    assert.deepEqual(structured, { value: 37.77777778, unit: 'celsius' });
  },

  'converts lengths': async ({ call }) => {
    const { structured } = await call('convert-units', { value: 26.21875, from: 'mile', to: 'km' });
    assert.deepEqual(structured, { value: 42.194988, unit: 'km' });
  },

  'says why a mass is no length': async ({ call }) => {
    const { isError, text } = await call('convert-units', { value: 1, from: 'kg', to: 'm' });
    assert(isError);
    assert.match(text, /one measures mass, the other length/);
  },

  'lists the units of a dimension': async ({ call }) => {
    const { structured } = await call('list-units', { dimension: 'temperature' });
    assert.deepEqual(structured, { units: ['celsius', 'fahrenheit', 'kelvin'] });
  },

  'counts graphemes, words and sentences': async ({ call }) => {
    const text = 'The quick brown fox jumps. Does it? It does 👩‍👩‍👧!';
    const { structured } = await call('text-statistics', { text });
    assert.deepEqual(structured, { characters: 37, words: 9, sentences: 3, longestWord: 'quick', readingSeconds: 3 });
  },

  'refuses an empty text before the handler runs': async ({ call }) => {
    const { isError, text } = await call('text-statistics', { text: '' });
    assert(isError);
    assert.match(text, /text/);
  },

  'keeps to the last day of a shorter month': async ({ call }) => {
    const { structured } = await call('add-to-date', { date: '2028-01-31', months: 1 });
    assert.deepEqual(structured, { date: '2028-02-29', weekday: 'Tuesday' });
  },

  'adds years, weeks and days': async ({ call }) => {
    const { structured } = await call('add-to-date', { date: '2026-11-22', years: -1, weeks: 2, days: 3 });
    assert.deepEqual(structured, { date: '2025-12-09', weekday: 'Tuesday' });
  },

  'counts working days': async ({ call }) => {
    const { structured } = await call('days-between', { from: '2026-11-20', until: '2026-12-01' });
    assert.deepEqual(structured, { days: 11, workingDays: 7 });
  },

  'refuses what only the schema itself can tell': async ({ call }) => {
    const { isError, text } = await call('days-between', { from: '2026-12-01', until: '2026-11-20' });
    assert(isError);
    assert.match(text, /until lies before from/);
  },
});
