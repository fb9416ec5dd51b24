import { defineAuth } from '@mcpgen/server';
import { createServer, replaceDefinition } from '@mcpgen/server/runtime';
import { describe, expect, it } from 'vitest';
import { running } from './running.ts';
import { modernRequest, send } from './wire.ts';

const auth = defineAuth({
  authenticate: async ({ headers }) =>
    headers.authorization === 'Bearer good' ? { issuer: 'https://id.example', subject: 'ada', scopes: [] } : undefined,
  resource: 'https://tools.example/mcp',
  authorizationServers: ['https://id.example'],
  scopes: ['read', 'write'],
});
const tools = {
  who: { handler: (_input: unknown, { caller }: { caller?: { subject: string } }) => caller?.subject ?? 'nobody' },
};
const open = { info: { name: 'test', version: '1.0.0' }, tools };
const guarded = { ...open, auth };
const METADATA = '/.well-known/oauth-protected-resource';

const list = modernRequest('tools/list');
const withToken = (token: string) => ({ ...list, headers: { ...list.headers, authorization: `Bearer ${token}` } });

describe('a server that says who may call', () => {
  it('answers whoever it knows, and tells all others where to sign in', async () => {
    await using it = await running(createServer(guarded));
    expect((await send(it.url, withToken('good'))).status).toBe(200);
    const refused = await send(it.url, withToken('bad'));
    expect(refused.status).toBe(401);
    expect(refused.headers['www-authenticate']).toBe(
      `Bearer resource_metadata="https://tools.example${METADATA}/mcp", scope="read write"`,
    );
    expect((await send(it.url, list)).status).toBe(401);
  });

  it.each([METADATA, `${METADATA}/mcp`, `${METADATA}/mcp?x=1`])(
    'serves the document of RFC 9728 at %s',
    async (path) => {
      await using it = await running(createServer(guarded));
      const { status, text, headers } = await send(it.url, { method: 'GET', path });
      expect([status, headers['content-type']]).toEqual([200, 'application/json']);
      expect(JSON.parse(text)).toEqual({
        resource: 'https://tools.example/mcp',
        authorization_servers: ['https://id.example'],
        scopes_supported: ['read', 'write'],
        bearer_methods_supported: ['header'],
      });
    },
  );

  it.each([
    ['another path', guarded, { path: `${METADATA}/other` }, 404],
    ['another method', guarded, { path: METADATA, method: 'POST' }, 405],
    ['a host that is not allowed', guarded, { path: METADATA, headers: { host: 'evil.example' } }, 403],
    ['a server that everybody may call', open, { path: METADATA }, 404],
    [
      'a server that does not say for what its tokens are',
      { ...guarded, auth: { authenticate: auth.authenticate } },
      { path: METADATA },
      404,
    ],
  ])('does not serve it for %s', async (_what, definition, request, status) => {
    await using it = await running(createServer(definition));
    expect((await send(it.url, { method: 'GET', ...request })).status).toBe(status);
  });

  it.each([
    ['true', true],
    ['an object without a subject', { issuer: 'https://id.example', scopes: [] }],
    ['null', null],
  ])('takes %s for nobody, and says so', async (_what, caller) => {
    const events: unknown[] = [];
    const definition = { ...open, auth: { authenticate: () => caller as never } };
    await using it = await running(createServer(definition, { onEvent: (event) => events.push(event) }));
    const refused = await send(it.url, list);
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([401, 'Bearer']);
    expect(events).toContainEqual(expect.objectContaining({ type: 'handler-failed', what: 'authenticate' }));
  });

  it('refuses whoever cannot be told from others within the deadline', async () => {
    const events: unknown[] = [];
    const authenticate = () => new Promise<undefined>(() => {});
    const definition = { ...open, options: { deadline: 50 }, auth: { authenticate } };
    await using it = await running(createServer(definition, { onEvent: (event) => events.push(event) }));
    expect((await send(it.url, list)).status).toBe(401);
    const error = expect.objectContaining({ message: 'no answer within 50 ms' });
    expect(events).toContainEqual({ type: 'handler-failed', what: 'authenticate', error });
  });

  it('answers where nobody can be told that the credentials could not be checked', async () => {
    const definition = { ...open, auth: { authenticate: () => Promise.reject(new Error('no keys')) } };
    const onEvent = ({ type }: { readonly type: string }) => {
      if (type === 'handler-failed') throw new Error('no log');
    };
    await using it = await running(createServer(definition, { onEvent }));
    expect((await send(it.url, list)).status).toBe(500);
  });

  it.each([[['read write']], [['"']], [['a\r\nb']], [['']], ['read']])('is not made with scopes %j', (scopes) => {
    const definition = { ...open, auth: { ...auth, scopes: scopes as never } };
    expect(() => createServer(definition)).toThrow(expect.objectContaining({ code: 'DEFINITION_INVALID' }));
  });

  it('does not serve with a challenge that no header can carry', async () => {
    await expect(running(createServer(guarded), { challenge: 'Bearer\n' })).rejects.toThrow(TypeError);
  });

  it('asks the one that is served now', async () => {
    const server = createServer(open);
    await using it = await running(server);
    expect((await send(it.url, list)).status).toBe(200);
    replaceDefinition(server, guarded);
    expect((await send(it.url, list)).status).toBe(401);
    replaceDefinition(server, open);
    expect((await send(it.url, list)).status).toBe(200);
  });
});
