import assert from 'node:assert/strict';
import { checkServer } from '@mcpgen/example-check';
import { startTicketApi } from './lib/ticket-api.ts';

await using api = await startTicketApi();

await checkServer(
  import.meta.dirname,
  {
    'lists the tickets of all pages, the newest first': async ({ call }) => {
      api.reset();
      const { structured } = await call('list-tickets');
      assert.deepEqual(idsIn(structured), [3, 2, 1]);
    },

    'lists tickets by status': async ({ call }) => {
      const { structured } = await call('list-tickets', { status: 'closed' });
      assert.deepEqual(idsIn(structured), [1]);
    },

    'reads a ticket': async ({ call }) => {
      const { structured } = await call('get-ticket', { id: 2 });
      assert.deepEqual(structured, { id: 2, title: 'Cannot log in', status: 'open', priority: 'high' });
    },

    'says that there is no such ticket': async ({ call }) => {
      const { isError, text } = await call('get-ticket', { id: 77 });
      assert(isError);
      assert.match(text, /Not found: no such ticket/);
    },

    'tries again where the API is busy for a moment': async ({ call }) => {
      api.fail(503, 429);
      const { structured } = await call('get-ticket', { id: 1 });
      assert.deepEqual(structured, { id: 1, title: 'Printer is out of toner', status: 'closed', priority: 'low' });
    },

    'gives up where the API stays busy': async ({ call }) => {
      api.fail(503, 503, 503, 503);
      const { isError, text } = await call('get-ticket', { id: 1 });
      assert(isError);
      assert.match(text, /busy \(503\): try again later/);
    },

    'creates a ticket once, though the first answer was lost': async ({ call }) => {
      api.fail(502);
      const { structured } = await call('create-ticket', { title: 'Chair squeaks' });
      assert.deepEqual(structured, { id: 4, title: 'Chair squeaks', status: 'open', priority: 'normal' });
      const { structured: listed } = await call('list-tickets');
      assert.deepEqual(idsIn(listed), [4, 3, 2, 1]);
    },

    'says what was wrong with the input': async ({ call }) => {
      const { isError, text } = await call('create-ticket', { title: 'forbidden' });
      assert(isError);
      assert.match(text, /refused the input: the title is forbidden/);
    },

    'says that the credentials are wrong, not what they are': async ({ call }) => {
      api.fail(401);
      const { isError, text } = await call('get-ticket', { id: 1 });
      assert(isError);
      assert.match(text, /refused the credentials/);
      assert.doesNotMatch(text, /let-me-in/);
    },
  },
  { env: { TICKETS_URL: api.url, TICKETS_TOKEN: 'let-me-in' } },
);

function idsIn(structured: unknown): readonly number[] {
  const { tickets } = structured as { tickets: readonly { id: number }[] };
  return tickets.map(({ id }) => id);
}
