import { defineTool } from '@mcpgen/server';
import { z } from 'zod';

const wordsPerMinute = 230;

export default defineTool({
  title: 'Text statistics',
  description: 'Counts the characters, words and sentences of a text and estimates how long reading it takes.',
  input: z.object({
    text: z.string().min(1).max(100_000),
    locale: z.string().default('en').describe('BCP 47 tag: decides where words and sentences end'),
  }),
  output: z.object({
    characters: z.int(),
    words: z.int(),
    sentences: z.int(),
    longestWord: z.string(),
    readingSeconds: z.int(),
  }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  handler: ({ text, locale }) => {
    const words = segments(text, locale, 'word');
    return {
      characters: segments(text, locale, 'grapheme').length,
      words: words.length,
      sentences: segments(text, locale, 'sentence').length,
      longestWord: words.reduce((longest, word) => (word.length > longest.length ? word : longest), ''),
      readingSeconds: Math.ceil((words.length / wordsPerMinute) * 60),
    };
  },
});

function segments(text: string, locale: string, granularity: 'grapheme' | 'word' | 'sentence'): readonly string[] {
  return [...new Intl.Segmenter(locale, { granularity }).segment(text)]
    .filter(({ segment, isWordLike }) => (granularity === 'word' ? isWordLike === true : segment.trim() !== ''))
    .map(({ segment }) => segment);
}
