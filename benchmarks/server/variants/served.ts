import { createServerFromManifest, serveHttp } from '@mcpgen/server/runtime';

/** A built server as a program of one's own starts it: with a check of credentials, if wanted. */
export async function serve(directory: URL, { authenticate }: { readonly authenticate: boolean }): Promise<void> {
  const server = createServerFromManifest(directory);
  await serveHttp(server, {
    port: Number(process.env.PORT),
    ...(authenticate && { authenticate: callerOf }),
  });
}

const caller = { issuer: 'https://issuer.example', subject: 'user', scopes: ['tools'] };

/** As after a look-up of a token that was verified before. */
function callerOf({ headers }: { readonly headers: Readonly<Record<string, unknown>> }): typeof caller | undefined {
  return headers.host === undefined ? undefined : caller;
}
