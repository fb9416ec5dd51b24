import { randomUUID } from 'node:crypto';
import { Socket } from 'node:net';
import {
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Credentials, CredentialsProvider } from '@mcpgen/oci';
import type Docker from 'dockerode';
import { dialEngine } from './dial-engine.ts';
import { decodeMessage, encodeMessage } from './protobuf-schema.ts';

/** What a build may ask its client for. Nothing of it is part of the context, the image or the build cache. */
export interface SessionOptions {
  /** For bases, caches and the push; `dockerCredentials` of `@mcpgen/oci` looks them up as Docker does. */
  readonly credentials?: CredentialsProvider | undefined;
  /** For `RUN --mount=type=secret,id=NAME`, by name. */
  readonly secrets?: Readonly<Record<string, Uint8Array>> | undefined;
}

/** A connection over which BuildKit asks back while it builds. */
export interface Session {
  readonly id: string;
  close(): void;
}

/**
 * Opens the session of a build: gRPC in the other direction over a connection to the engine, with the services
 * `moby.filesync.v1.Auth` and `moby.buildkit.secrets.v1.Secrets`.
 */
export async function openSession(client: Docker, options: SessionOptions, signal?: AbortSignal): Promise<Session> {
  const id = randomUUID();
  const socket = await dialSession(client, id, signal);
  const server = new Server();
  server.addService(SERVICES, handlers(options));
  server.createConnectionInjector(ServerCredentials.createInsecure()).injectConnection(socket);
  // The end of the build tears the connection down from the other side.
  socket.on('error', () => {});
  return {
    id,
    close() {
      server.forceShutdown();
      socket.destroy();
    },
  };
}

async function dialSession(client: Docker, id: string, signal: AbortSignal | undefined): Promise<Socket> {
  const socket = await dialEngine(client, {
    method: 'POST',
    path: '/session',
    hijack: true,
    ...(signal !== undefined && { abortSignal: signal }),
    headers: {
      Upgrade: 'h2c',
      'X-Docker-Expose-Session-Uuid': id,
      'X-Docker-Expose-Session-Name': 'mcpgen',
      'X-Docker-Expose-Session-Grpc-Method': Object.values(SERVICES).map(({ path }) => path),
    },
    statusCodes: { 200: true, 500: 'server error' },
  });
  if (!(socket instanceof Socket)) throw new TypeError('the engine gave no connection');
  return socket;
}

const SERVICES = {
  Credentials: unary('/moby.filesync.v1.Auth/Credentials', 'CredentialsRequest', 'CredentialsResponse'),
  GetSecret: unary('/moby.buildkit.secrets.v1.Secrets/GetSecret', 'GetSecretRequest', 'GetSecretResponse'),
} satisfies ServiceDefinition;

type Name = Parameters<typeof decodeMessage>[0];
type Message = Readonly<Record<string, unknown>>;

function unary(path: string, request: Name, response: Name) {
  return {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: (message: Message) => encodeMessage(request, message),
    requestDeserialize: (bytes: Buffer) => decodeMessage(request, bytes),
    responseSerialize: (message: Message) => encodeMessage(response, message),
    responseDeserialize: (bytes: Buffer) => decodeMessage(response, bytes),
  } as const;
}

/** BuildKit names Docker Hub by the host that serves it. */
function registryName(host = ''): string {
  return host === 'registry-1.docker.io' ? 'docker.io' : host;
}

/** A secret without a user is a refresh token. A token for the registry alone cannot be said. */
function credentialsMessage(found: Credentials | undefined): Message {
  if (found?.kind === 'password') return { username: found.username, secret: found.password };
  return found?.kind === 'identity-token' ? { secret: found.token } : {};
}

function handlers({ credentials, secrets = {} }: SessionOptions): UntypedServiceImplementation {
  const signIn: handleUnaryCall<{ readonly host?: string }, Message> = ({ request }, answer) => {
    Promise.resolve(credentials?.(registryName(request.host))).then(
      (found) => answer(null, credentialsMessage(found)),
      (error: unknown) => answer({ code: status.UNAVAILABLE, details: String(error) }),
    );
  };
  const getSecret: handleUnaryCall<{ readonly id?: string }, Message> = ({ request: { id = '' } }, answer) => {
    const data = Object.hasOwn(secrets, id) ? secrets[id] : undefined;
    if (data === undefined) answer({ code: status.NOT_FOUND, details: `secret ${id}: not found` });
    else answer(null, { data });
  };
  return { Credentials: signIn, GetSecret: getSecret };
}
