// The server of `mcpgen dev`, in a process of its own: a tool that brings it down does not end the watching.
// A module whose code changed gets another URL, so that it is loaded anew while all others stay as they are, state included.
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

// Without its parent nobody would ever stop it. A tool that spins leaves only another thread to see that.
const watch = `
  const parent = process.ppid;
  setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL'); }, 500);
`;
new Worker(watch, { eval: true, execArgv: [], stdin: false }).unref();
process.on('disconnect', () => process.exit(0));

const directory = pathToFileURL(`${process.argv[2]}/`);

/** Version by path below the directory. @type {Record<string, string>} */
let versions = JSON.parse(process.argv[3] ?? '{}');

registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context);
    if (!resolved.url.startsWith(directory.href) || resolved.url.includes('?')) return resolved;
    const version = versions[resolved.url.slice(directory.href.length)];
    return version === undefined ? resolved : { ...resolved, url: `${resolved.url}?v=${version}` };
  },
});

// Before the runtime's own listener: by the time it reads the manifest again, the versions are the new ones.
process.on('message', (/** @type {{ type?: string, versions?: Record<string, string> }} */ message) => {
  if (message?.type === 'reload' && message.versions !== undefined) versions = message.versions;
});

const { main } = await import(new URL('runtime/main.js', directory).href);
await main({ directory, argv: [], dev: true });
process.send?.({ type: 'ready' });
