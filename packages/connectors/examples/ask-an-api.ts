import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { http } from '@mcpgen/connectors/http';

// An API that is busy at first, and knows one city.
let isBusy = true;
const server = createServer((request, response) => {
  if (isBusy) response.writeHead(503, { 'retry-after': '0' }).end();
  else if (request.url === '/v1/weather/Bern') response.end('{"degrees":11}');
  else response.writeHead(404).end('{"message":"no such city"}');
  isBusy = false;
}).listen(0, '127.0.0.1');
await once(server, 'listening');

const connector = http({
  url: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
  headers: () => ({ authorization: 'Bearer of-today' }),
});

const weather = await connector.open({ signal: new AbortController().signal });
const city = encodeURIComponent('Bern');
assert.deepEqual(await weather.json('GET', `/weather/${city}`), { degrees: 11 });
await assert.rejects(weather.json('GET', '/weather/Atlantis'), {
  code: 'RESPONSE_STATUS',
  facts: { method: 'GET', path: '/weather/Atlantis', status: 404, body: { message: 'no such city' } },
});
await assert.rejects(weather.json('GET', '/weather/../../admin'), { code: 'REQUEST_REFUSED' });
await connector.close(weather);
server.close();
console.log('11 degrees in Bern');
