import { defineTool } from '@mcpgen/server';
import { SILENCE } from '../samples.ts';

export default defineTool({
  description: 'Answers with a sound',
  handler: () => ({ content: [{ type: 'audio', data: SILENCE, mimeType: 'audio/wav' }] }),
});
