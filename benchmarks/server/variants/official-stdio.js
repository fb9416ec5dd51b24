import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { createOfficialServer } from './official-server.js';

serveStdio(createOfficialServer);
