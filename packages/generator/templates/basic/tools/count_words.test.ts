import assert from 'node:assert/strict';
import { test } from 'node:test';
import countWords from './count_words.ts';

test('counts the words, lines and characters of a text', async () => {
  const result = await countWords.handler({ text: 'one two\nthree' }, {} as never);
  assert.deepEqual(result, { words: 3, lines: 2, characters: 13 });
});

test('finds nothing in an empty text', async () => {
  const result = await countWords.handler({ text: '' }, {} as never);
  assert.deepEqual(result, { words: 0, lines: 0, characters: 0 });
});
