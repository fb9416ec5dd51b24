// Runs in a child process of the describer: loads one bundled module after another and says what it defines.
// Its parent is describer.ts; the messages are described in describe-messages.ts.
import { AsyncLocalStorage } from 'node:async_hooks';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describeDefinition } from './describe-definition.ts';
import { describeFailure, ModuleExit } from './describe-failure.ts';
import { definitionMissing } from './errors.ts';
import { folderFault } from './folder-fault.ts';

/** @import { DescribeRequest, DescribeReply } from './describe-messages.ts' */

const exit = process.exit.bind(process);
const environment = watchEnvironment();
/**
 * Whose code is running: what a module has started may go on while the next one is loaded.
 *
 * @type {AsyncLocalStorage<{ readonly file: string, exitCall?: ModuleExit }>}
 */
const loading = new AsyncLocalStorage();
/** @type {object | undefined} */
let current;

process.exit = (code) => {
  const call = new ModuleExit(code ?? process.exitCode ?? 0);
  const owner = loading.getStore();
  if (owner !== undefined) owner.exitCall ??= call;
  if (owner !== current) send({ type: 'stray', message: call.message, file: owner?.file });
  throw call;
};
process.on('disconnect', () => exit(0));
for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (cause) => {
    if (cause instanceof ModuleExit) return;
    send({ type: 'stray', message: String(cause?.message ?? cause), file: loading.getStore()?.file });
  });
}
process.on('message', (/** @type {DescribeRequest} */ request) => {
  void describe(request).then(send);
});
send({ type: 'ready' });

/** Notes what modules look for in the environment and do not find: one that fails may need it. */
function watchEnvironment() {
  // Where Node itself needs these to start, they have done what they are for.
  for (const name of Object.keys(process.env)) if (name.endsWith('_LIBRARY_PATH')) delete process.env[name];
  /** @type {Set<string>} */
  const missed = new Set();
  process.env = new Proxy(process.env, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (value === undefined && typeof name === 'string') missed.add(name);
      return value;
    },
  });
  return { missed };
}

/** @param {DescribeReply} reply */
function send(reply) {
  if (process.connected) process.send?.(reply);
}

/**
 * @param {DescribeRequest} request
 * @returns {Promise<DescribeReply>}
 */
async function describe({ kind, name, file, module, root, server }) {
  /** @type {{ readonly file: string, exitCall?: ModuleExit }} */
  const owner = { file };
  current = owner;
  environment.missed.clear();
  try {
    const exports = await loading.run(owner, () => import(pathToFileURL(module).href));
    if (owner.exitCall !== undefined) throw owner.exitCall;
    if (exports.default === undefined) throw definitionMissing(kind, file);
    const fault = folderFault(kind, readFileSync(join(root, file), 'utf8'));
    if (fault !== undefined) throw fault;
    const loadZod = () => import(pathToFileURL(createRequire(join(root, 'package.json')).resolve('zod/v4/core')).href);
    return { type: 'description', description: await describeDefinition(kind, exports.default, { name, loadZod }) };
  } catch (cause) {
    return {
      type: 'failure',
      failure: describeFailure(owner.exitCall ?? cause, {
        file,
        module,
        root,
        server,
        missed: [...environment.missed],
      }),
    };
  } finally {
    current = undefined;
  }
}
