import { defineResource } from '@mcpgen/server';

export default defineResource({
  uriTemplate: 'test://template/{id}/data',
  title: 'Resource Template',
  description: 'A resource for each id',
  mimeType: 'application/json',
  read: ({ variables: { id } }) => JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
  complete: { id: (value) => ['1', '12', '123'].filter((id) => id.startsWith(value)) },
});
