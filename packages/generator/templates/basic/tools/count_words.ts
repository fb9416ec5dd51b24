import { defineTool } from '@mcpgen/server';
import * as z from 'zod';

export default defineTool({
  title: 'Count words',
  description: 'Counts the words, lines and characters of a text.',
  input: z.object({ text: z.string().max(100_000).describe('The text to count') }),
  output: z.object({ words: z.int(), lines: z.int(), characters: z.int() }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  handler({ text }) {
    const words = text.split(/\s+/).filter((word) => word !== '').length;
    return { words, lines: text === '' ? 0 : text.split('\n').length, characters: [...text].length };
  },
});
