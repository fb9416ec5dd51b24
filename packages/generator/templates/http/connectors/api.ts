import { defineConnector } from '@mcpgen/server';

const TIMEOUT = 10_000;

/** A client for one JSON API. Where it is, and the token for it, come from the environment. */
export default defineConnector({
  open() {
    const base = process.env.API_URL ?? 'https://api.github.com';
    const token = process.env.API_TOKEN;
    const headers = {
      accept: 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    return {
      /** Gets one path of the API. Ends with the call that asked, or after ten seconds. */
      async get(path: `/${string}`, signal: AbortSignal): Promise<unknown> {
        const response = await fetch(new URL(path, base), {
          headers,
          redirect: 'error',
          signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]),
        });
        if (!response.ok) throw new Error(`The API answered ${response.status} to GET ${path}`);
        return response.json();
      },
    };
  },
});
