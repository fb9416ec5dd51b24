import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, serveHttp, serveStdio } from '@mcpgen/server/runtime';

// A server over HTTP and stdio at once, whose tools give 50 MB. It tells its parent what memory it takes, and the most
// that it took since it was asked last (Linux).
const row = (id: number) => ({
  id,
  name: `Customer number ${id}`,
  email: `c${id}@example.com`,
  note: 'He left at once',
});
const long = Buffer.alloc(50_000_000, 'x').toString();
/** A schema that validates itself, so that no compiler of schemas is loaded. */
const output = {
  '~standard': {
    version: 1 as const,
    vendor: 'test',
    validate: (value: unknown) => {
      const [first] = (value as { readonly rows: readonly { readonly id?: unknown }[] }).rows;
      return first === undefined || typeof first.id === 'number' ? { value } : { issues: [{ message: 'has no id' }] };
    },
    jsonSchema: { input: () => ({ type: 'object' }), output: () => ({ type: 'object' }) },
  },
};

async function* rows() {
  for (let id = 0; id < 600_000; id++) yield row(id);
}

async function* text() {
  for (let line = 0; line < 510_000; line++) yield `line ${line}\n`.padStart(100, '.');
}

const tools = {
  small: { handler: () => 'small' },
  text: { handler: text },
  rows: { handler: rows },
  structured: { output, handler: () => ({ rows: rows() }) },
  string: { handler: () => long },
};

const server = createServer({ info: { name: 'large', version: '1.0.0' }, tools }, { resultLimit: 200_000_000 });
serveStdio(server, { input: process.stdin, output: process.stdout });
const { url } = await serveHttp(server, { port: 0 });
process.on('message', () => {
  const [, peak = ''] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  writeFileSync('/proc/self/clear_refs', '5');
  process.send?.({ now: process.memoryUsage.rss(), peak: Number(peak) * 1024 });
});
process.on('disconnect', () => process.exit());
process.send?.({ url });
