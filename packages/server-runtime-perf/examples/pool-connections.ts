import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createPool } from '@mcpgen/server-runtime-perf/pool';

// A service that answers each line in capitals, one connection per client.
const server = createServer((socket) => socket.on('data', (line) => socket.write(String(line).toUpperCase())));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;

async function ask(socket: Socket, line: string): Promise<string> {
  socket.write(line);
  const [answer] = await once(socket, 'data');
  return String(answer);
}

const pool = createPool({
  open: async ({ signal, lost }) => {
    const socket = connect({ port, signal });
    socket.on('error', lost);
    socket.on('close', () => lost());
    await once(socket, 'connect', { signal });
    return socket;
  },
  close: (socket) => void socket.destroy(),
  check: async (socket) => (await ask(socket, 'ping')) === 'PING',
  max: 2,
});

const answers = await Promise.all(['a', 'b', 'c', 'd'].map((line) => pool.use((socket) => ask(socket, line))));
assert.deepEqual(answers, ['A', 'B', 'C', 'D']);
assert.equal(pool.stats().size, 2);

{
  using lease = await pool.acquire();
  lease.resource.destroy(); // it breaks in our hands: the pool hears of it and replaces it
  await once(lease.resource, 'close');
}
assert.equal(await pool.use((socket) => ask(socket, 'still here')), 'STILL HERE');

await pool.close();
server.close();
console.log(answers.join(' '));
