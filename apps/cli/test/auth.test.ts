import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { type CliRig, cliRig, ECHO } from './cli-rig.ts';

const CONFIG =
  "import { defineConfig } from 'mcpgen';\nexport default defineConfig({ server: { auth: 'auth.ts' } });\n";

const AUTH = `import { defineAuth } from '@mcpgen/server';
import { subjectOf } from './lib/subject.ts';

export default defineAuth({
  authenticate: ({ headers }) => subjectOf(headers.authorization),
  resource: process.env.PUBLIC_URL,
  authorizationServers: ['https://id.example'],
});
`;

const SUBJECT = `export const subjectOf = (token: string | undefined) =>
  token === 'Bearer ada' ? { issuer: 'https://id.example', subject: 'ada', scopes: [] } : undefined;
`;

const WHO = ECHO.replace('({ text }) => text', "(_input, { caller }) => caller?.subject ?? 'nobody'");

/** A call of the tool, as each of these authorization headers. */
async function callAs(url: string, tokens: readonly string[]): Promise<readonly (readonly [number, string])[]> {
  const call = { name: 'who', arguments: { text: '' } };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: call });
  return Promise.all(
    tokens.map(async (authorization) => {
      const headers = {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        authorization,
      };
      const answer = await fetch(url, { method: 'POST', headers, body });
      return [answer.status, answer.headers.get('www-authenticate') ?? (await answer.text())] as const;
    }),
  );
}

async function startServer(rig: CliRig, env: Readonly<Record<string, string>>) {
  const child = rig.start(['start', '--port', '0'], { env });
  for await (const chunk of child.stderr ?? []) {
    const [url] = /http:\S+\/mcp/.exec(String(chunk)) ?? [];
    if (url !== undefined) return { child, url };
  }
  throw new Error('the server ended');
}

describe('a project that says who may call', () => {
  it('is built into a server that asks its file', async () => {
    await using rig = await cliRig({
      'mcpgen.config.ts': CONFIG,
      'auth.ts': AUTH,
      'lib/subject.ts': SUBJECT,
      'tools/who.ts': WHO,
    });
    const ran = await rig.run(['build', '--json', '--no-image', '--no-typecheck']);
    expect(ran.code, ran.stdout).toBe(0);
    const { child, url } = await startServer(rig, { PUBLIC_URL: 'https://tools.example/mcp' });
    const metadata = 'https://tools.example/.well-known/oauth-protected-resource/mcp';
    expect(await callAs(url, ['Bearer ada', 'Bearer eve'])).toEqual([
      [200, expect.stringContaining('"text":"ada"')],
      [401, `Bearer resource_metadata="${metadata}"`],
    ]);
    child.kill('SIGTERM');
    await once(child, 'exit');

    await rig.write({ 'lib/subject.ts': SUBJECT.replaceAll('ada', 'eve') });
    expect((await rig.run(['build', '--json', '--no-image', '--no-typecheck'])).code).toBe(0);
    const again = await startServer(rig, {});
    expect(await callAs(again.url, ['Bearer eve', 'Bearer ada'])).toEqual([
      [200, expect.stringContaining('"text":"eve"')],
      [401, 'Bearer'],
    ]);
    again.child.kill('SIGTERM');
    await once(again.child, 'exit');
  });

  it.each([
    ['that is not there', {}, 2, 'AUTH_MISSING', 'there is no such file'],
    ['that says nothing', { 'auth.ts': 'export const x = 1;\n' }, 1, 'DEFINITION_MISSING', 'auth.ts'],
    ['without a function', { 'auth.ts': 'export default {};\n' }, 1, 'DEFINITION_INVALID', 'it has no authenticate'],
  ])('is refused with a file %s', async (_what, files, exit, code, says) => {
    await using rig = await cliRig({ 'mcpgen.config.ts': CONFIG, 'tools/who.ts': WHO, ...files });
    const ran = await rig.run(['build', '--json', '--no-image', '--no-typecheck']);
    expect(ran.json()).toMatchObject({ status: 'error', code, message: expect.stringContaining(says) });
    expect(ran.code).toBe(exit);
  });
});
