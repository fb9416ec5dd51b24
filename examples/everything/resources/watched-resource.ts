import { defineResource } from '@mcpgen/server';

export default defineResource({
  uri: 'test://watched-resource',
  title: 'Watched Resource',
  description: 'A resource that says when it changes',
  mimeType: 'text/plain',
  read: () => 'Watched resource content',
  watch: (changed, { signal }) => {
    const timer = setInterval(changed, 1000).unref();
    signal.addEventListener('abort', () => clearInterval(timer));
  },
});
