import { serveStdio } from '@mcpgen/server/runtime';
import { everythingServer } from './everything.ts';

// A process for tests that speak over stdio.
const server = await everythingServer();
const { ended } = serveStdio(server, { input: process.stdin, output: process.stdout });
await ended;
await server.close();
process.exit(0);
