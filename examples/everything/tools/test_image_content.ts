import { defineTool } from '@mcpgen/server';
import { RED_PIXEL } from '../samples.ts';

export default defineTool({
  description: 'Answers with an image',
  handler: () => ({ content: [{ type: 'image', data: RED_PIXEL, mimeType: 'image/png' }] }),
});
