import type Docker from 'dockerode';

type DialRequest = Parameters<Docker['modem']['dial']>[0];

/** A request that the client library has no method for: it resolves to what the library gives for its kind. */
export function dialEngine(client: Docker, request: DialRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    client.modem.dial(request, (error, result) => (error ? reject(error) : resolve(result)));
  });
}
