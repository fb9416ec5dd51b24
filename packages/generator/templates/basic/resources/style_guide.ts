import { defineResource } from '@mcpgen/server';

const GUIDE = `# Style guide

- Put the point of a paragraph into its first sentence.
- Prefer short words, and verbs to nouns.
- Leave out what the reader knows.
`;

export default defineResource({
  uri: 'guide://style',
  title: 'Style guide',
  description: 'How texts should read.',
  mimeType: 'text/markdown',
  read: () => GUIDE,
});
