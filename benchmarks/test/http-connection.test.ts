import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { openHttpConnection } from '../lib/http-connection.ts';
import { writeHttpRequest } from '../lib/mcp-request.ts';

const servers: Server[] = [];
const request = writeHttpRequest({ method: 'tools/list' }, 1);

async function connectTo(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return openHttpConnection(address.port);
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

describe('openHttpConnection', () => {
  it('exchanges one request after the other on one connection', async () => {
    let count = 0;
    const connection = await connectTo((_, response) => {
      count += 1;
      response.end(`answer ${count}`);
    });
    expect(String(await connection.exchange(request))).toMatch(/\r\n\r\nanswer 1$/);
    expect(String(await connection.exchange(request))).toMatch(/\r\n\r\nanswer 2$/);
    connection.close();
  });

  it('waits for all of an answer, be it long or in chunks', async () => {
    const long = 'x'.repeat(300_000);
    const connection = await connectTo((_, response) => {
      response.write(long);
      setImmediate(() => response.end('the end'));
    });
    expect(String(await connection.exchange(request))).toMatch(/the end\r\n0\r\n\r\n$/);
    connection.close();
  });

  it('fails where the server refuses or goes away', async () => {
    const refusing = await connectTo((_, response) => response.writeHead(400).end('no'));
    await expect(refusing.exchange(request)).rejects.toThrow(/HTTP\/1.1 400/);
    const leaving = await connectTo((incoming) => incoming.socket.destroy());
    await expect(leaving.exchange(request)).rejects.toThrow();
  });
});
