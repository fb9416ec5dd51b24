import { createServer } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { createOfficialServer } from './official-server.js';

createServer(toNodeHandler(createMcpHandler(createOfficialServer))).listen(Number(process.env.PORT), '127.0.0.1');
