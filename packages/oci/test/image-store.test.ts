import { startRegistry, temporaryDirectory } from '@mcpgen/testing';
import { describe } from 'vitest';
import { createLayout, memoryStore, openRegistry } from '../src/index.ts';
import { describeImageStore } from './image-store.contract.ts';
import { describeReferrerStore } from './referrer-store.contract.ts';

describeImageStore('memoryStore', async () => ({ store: memoryStore(), [Symbol.asyncDispose]: async () => {} }));

describeImageStore('createLayout', async () => {
  const directory = await temporaryDirectory();
  return { store: await createLayout(directory.path), [Symbol.asyncDispose]: directory.remove };
});

describeImageStore('openRegistry', async () => {
  const registry = await startRegistry();
  return { store: openRegistry(`${registry.host}/owner/app`), [Symbol.asyncDispose]: registry.close };
});

describeImageStore('openRegistry with a token service', async () => {
  const account = { username: 'user', password: 'secret' };
  const registry = await startRegistry({ auth: { kind: 'token', ...account } });
  const credentials = async () => ({ kind: 'password', ...account }) as const;
  return { store: openRegistry(`${registry.host}/owner/app`, { credentials }), [Symbol.asyncDispose]: registry.close };
});

describeReferrerStore('memoryStore', async () => ({ store: memoryStore(), [Symbol.asyncDispose]: async () => {} }));

describeReferrerStore('createLayout', async () => {
  const directory = await temporaryDirectory();
  return { store: await createLayout(directory.path), [Symbol.asyncDispose]: directory.remove };
});

describe.each([
  { calls: 'with', referrers: true },
  { calls: 'without', referrers: false },
])('$calls calls for referrers', ({ calls, referrers }) => {
  describeReferrerStore(`openRegistry ${calls} calls for referrers`, async () => {
    const registry = await startRegistry({ referrers });
    return { store: openRegistry(`${registry.host}/owner/app`), [Symbol.asyncDispose]: registry.close };
  });
});
