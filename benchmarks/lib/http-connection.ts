import { connect, type Socket } from 'node:net';

/** One keep-alive connection that sends ready bytes and waits for the whole answer: as little client as possible. */
export interface HttpConnection {
  /** Sends one request and resolves with its answer. Rejects when the status is not 200. */
  exchange(request: Buffer): Promise<Buffer>;
  close(): void;
}

export async function openHttpConnection(port: number): Promise<HttpConnection> {
  const socket = await connectTo(port);
  let received: Buffer = Buffer.alloc(0);
  let waiting: { readonly resolve: (answer: Buffer) => void; readonly reject: (error: Error) => void } | undefined;

  socket.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const end = findEnd(received);
    if (end === undefined || waiting === undefined) return;
    const { resolve, reject } = waiting;
    const answer = received.subarray(0, end);
    received = received.subarray(end);
    waiting = undefined;
    if (answer.toString('latin1', 9, 12) === '200') resolve(answer);
    else reject(new Error(`Server answered ${answer.toString('utf8', 0, 500)}`));
  });
  socket.on('close', () => waiting?.reject(new Error('Server closed the connection')));
  socket.on('error', (error) => waiting?.reject(error));

  return {
    exchange: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(request);
      }),
    close: () => socket.destroy(),
  };
}

function connectTo(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

const headEnd = Buffer.from('\r\n\r\n');
const lastChunk = Buffer.from('\r\n0\r\n\r\n');

/** Where the first answer in these bytes ends; `undefined` while it is not all there. */
function findEnd(bytes: Buffer): number | undefined {
  const head = bytes.indexOf(headEnd);
  if (head === -1) return undefined;
  const body = head + headEnd.length;
  const length = /\r\ncontent-length: *(\d+)/i.exec(bytes.toString('latin1', 0, body))?.[1];
  if (length !== undefined) return bytes.length >= body + Number(length) ? body + Number(length) : undefined;
  const end = bytes.indexOf(lastChunk, head);
  return end === -1 ? undefined : end + lastChunk.length;
}
