import { defineResource } from '@mcpgen/server';
import { RED_PIXEL } from '../samples.ts';

export default defineResource({
  uri: 'test://static-binary',
  title: 'Static Binary Resource',
  description: 'An image that never changes',
  mimeType: 'image/png',
  read: () => Buffer.from(RED_PIXEL, 'base64'),
});
