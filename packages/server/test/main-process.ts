import { main } from '@mcpgen/server/main';

// What a generated main.js does, with the directory and the arguments of a test.
const [directory = '', ...args] = process.argv.slice(2);
const dev = args.includes('--dev');
await main({ directory: new URL(directory), argv: args.filter((arg) => arg !== '--dev'), dev });
