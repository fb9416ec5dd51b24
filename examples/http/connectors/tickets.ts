import { defineConnector } from '@mcpgen/server';
import { createHttpClient } from '../lib/http-client.ts';

/** The ticket system at TICKETS_URL, entered with TICKETS_TOKEN. */
export default defineConnector({
  open: () => {
    const url = process.env.TICKETS_URL;
    if (url === undefined) throw new Error('Cannot reach the ticket system: set TICKETS_URL to its address');
    return createHttpClient({ url, token: process.env.TICKETS_TOKEN });
  },
});
