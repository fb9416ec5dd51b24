// The ceiling: `node:http`, one JSON.parse, the bytes that the protocol asks for, and nothing else. It starts as a fast
// server would: `getBuiltinModule` leaves undici alone, which an import of `node:http` loads.
import { answer } from './bare-answer.js';

const { createServer } = process.getBuiltinModule('node:http');

createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const message = JSON.parse(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
    const body = JSON.stringify(answer(message)); // a string leaves with the head in one write, a Buffer in two
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  });
}).listen(Number(process.env.PORT), '127.0.0.1');
