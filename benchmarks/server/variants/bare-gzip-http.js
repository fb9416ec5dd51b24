// The ceiling, with what a server does that compresses each answer when it is asked for: gzip at zlib's own level.
import { answer } from './bare-answer.js';

const { createServer } = process.getBuiltinModule('node:http');
const { gzip } = process.getBuiltinModule('node:zlib');

createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const message = JSON.parse(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
    gzip(JSON.stringify(answer(message)), (error, body) => {
      if (error) throw error;
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-encoding': 'gzip',
        vary: 'accept-encoding',
        'content-length': body.length,
      });
      response.end(body);
    });
  });
}).listen(Number(process.env.PORT), '127.0.0.1');
