// @ts-check
import { createServer } from 'node:http';

/** An API that answers the same small JSON to everything. Tells its port to its parent. */

const body = JSON.stringify({ id: 7, title: 'Cannot log in', status: 'open', priority: 'high' });
const head = { 'content-type': 'application/json', 'content-length': body.length };

const server = createServer((_request, response) => void response.writeHead(200, head).end(body));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') process.send?.(address?.port);
});
process.on('disconnect', () => process.exit());
