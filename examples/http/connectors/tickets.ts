import { http } from '@mcpgen/connectors/http';

/** The ticket system at TICKETS_URL, entered with TICKETS_TOKEN. */
export default http({
  url: () => process.env.TICKETS_URL,
  headers: () => ({ authorization: `Bearer ${process.env.TICKETS_TOKEN ?? ''}` }),
  attempts: 4,
});
