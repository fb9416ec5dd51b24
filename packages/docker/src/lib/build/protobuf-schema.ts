import protobuf from 'protobufjs/light.js';

/**
 * The few messages of BuildKit that are spoken here, with only the fields that are read. Numbers are those of
 * `api/services/control/control.proto`, `session/auth/auth.proto` and `session/secrets/secrets.proto` in moby/buildkit.
 */
const SCHEMA = protobuf.Root.fromJSON({
  nested: {
    Timestamp: { fields: { seconds: { type: 'int64', id: 1 }, nanos: { type: 'int32', id: 2 } } },
    Vertex: {
      fields: {
        digest: { type: 'string', id: 1 },
        inputs: { rule: 'repeated', type: 'string', id: 2 },
        name: { type: 'string', id: 3 },
        cached: { type: 'bool', id: 4 },
        started: { type: 'Timestamp', id: 5 },
        completed: { type: 'Timestamp', id: 6 },
        error: { type: 'string', id: 7 },
      },
    },
    VertexLog: { fields: { vertex: { type: 'string', id: 1 }, msg: { type: 'bytes', id: 4 } } },
    VertexWarning: { fields: { vertex: { type: 'string', id: 1 }, short: { type: 'bytes', id: 3 } } },
    StatusResponse: {
      fields: {
        vertexes: { rule: 'repeated', type: 'Vertex', id: 1 },
        logs: { rule: 'repeated', type: 'VertexLog', id: 3 },
        warnings: { rule: 'repeated', type: 'VertexWarning', id: 4 },
      },
    },
    CredentialsRequest: { fields: { host: { type: 'string', id: 1 } } },
    CredentialsResponse: { fields: { username: { type: 'string', id: 1 }, secret: { type: 'string', id: 2 } } },
    GetSecretRequest: { fields: { id: { type: 'string', id: 1 } } },
    GetSecretResponse: { fields: { data: { type: 'bytes', id: 1 } } },
  },
});

type MessageName =
  | 'StatusResponse'
  | 'CredentialsRequest'
  | 'CredentialsResponse'
  | 'GetSecretRequest'
  | 'GetSecretResponse';

/** A message as a plain object: absent fields have their defaults, 64-bit numbers are numbers. */
export function decodeMessage(name: MessageName, bytes: Uint8Array): unknown {
  const type = SCHEMA.lookupType(name);
  return type.toObject(type.decode(bytes), { longs: Number, arrays: true });
}

export function encodeMessage(name: MessageName, message: Readonly<Record<string, unknown>>): Buffer {
  return Buffer.from(SCHEMA.lookupType(name).encode(message).finish());
}
