import { defineResource } from '@mcpgen/server';

export default defineResource({
  uri: 'test://static-text',
  title: 'Static Text Resource',
  description: 'A text that never changes',
  mimeType: 'text/plain',
  cache: { ttl: '1h', scope: 'public' },
  read: () => 'This is the content of the static text resource.',
});
