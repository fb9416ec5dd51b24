import { META, modernMessage, type WireRequest } from './wire.ts';

/** One thing that a client must not say, and what it is told. */
export interface HostileMessage {
  readonly what: string;
  /** The body over HTTP, the line over stdio. */
  readonly body: string;
  readonly code: number;
  /** HTTP status. */
  readonly status: number;
  /** Part of the one sentence. */
  readonly says: RegExp;
  /** Headers that agree with the message where it can be read; others where these must differ. */
  readonly headers?: WireRequest['headers'];
}

const INVALID_REQUEST = -32600;
const INVALID_PARAMS = -32602;
const text = (value: unknown): string => JSON.stringify(value);
const deep = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const deepObject = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

/** `[what, body, code, says]`, all answered with 400. */
type Row = readonly [what: string, body: string, code: number, says: RegExp];

const UNREADABLE: readonly Row[] = [
  ['nothing', '', -32700, /not valid JSON/],
  ['a word', 'hello', -32700, /not valid JSON/],
  ['half a message', '{"jsonrpc":"2.0"', -32700, /not valid JSON/],
  ['two messages', `${text(modernMessage('ping'))}${text(modernMessage('ping'))}`, INVALID_REQUEST, /same key twice/],
  ['a trailing comma', '{"jsonrpc":"2.0",}', -32700, /not valid JSON/],
  ['a comment', '{"jsonrpc":"2.0" /* hi */}', -32700, /not valid JSON/],
  ['single quotes', "{'jsonrpc':'2.0'}", -32700, /not valid JSON/],
  ['NaN', '{"jsonrpc":"2.0","id":NaN,"method":"ping"}', -32700, /not valid JSON/],
  ['a raw control character', '{"jsonrpc":"2.0","id":1,"method":"a\u0001"}', -32700, /not valid JSON/],
  ['an unclosed string', '{"jsonrpc":"2.0","id":1,"method":"a', -32700, /not valid JSON/],
  ['an unclosed escape', '{"jsonrpc":"2.0","id":1,"method":"a\\', -32700, /not valid JSON/],
  ['a byte order mark', '\uFEFF{"jsonrpc":"2.0"}', -32700, /not valid JSON/],
];

const NO_MESSAGE: readonly Row[] = [
  ['null', 'null', INVALID_REQUEST, /a JSON object/],
  ['a number', '1', INVALID_REQUEST, /a JSON object/],
  ['a string', '"tools/list"', INVALID_REQUEST, /a JSON object/],
  ['true', 'true', INVALID_REQUEST, /a JSON object/],
  ['an empty object', '{}', INVALID_REQUEST, /"jsonrpc" must be "2.0", not nothing/],
  ['no version of JSON-RPC', '{"id":1,"method":"tools/list"}', INVALID_REQUEST, /"jsonrpc" must be/],
  ['JSON-RPC 1.0', '{"jsonrpc":"1.0","id":1,"method":"tools/list"}', INVALID_REQUEST, /not "1.0"/],
  ['JSON-RPC 2 as a number', '{"jsonrpc":2.0,"id":1,"method":"tools/list"}', INVALID_REQUEST, /of type number/],
  ['no method', '{"jsonrpc":"2.0","id":1}', INVALID_REQUEST, /neither a "method"/],
  ['a method that is a number', '{"jsonrpc":"2.0","id":1,"method":1}', INVALID_REQUEST, /"method" must be a string/],
  ['a method that is null', '{"jsonrpc":"2.0","id":1,"method":null}', INVALID_REQUEST, /"method" must be a string/],
  ['Method for method', '{"jsonrpc":"2.0","id":1,"Method":"tools/list"}', INVALID_REQUEST, /neither a "method"/],
  ['an id that is null', '{"jsonrpc":"2.0","id":null,"method":"tools/list"}', INVALID_REQUEST, /"id" must be/],
  ['an id that is true', '{"jsonrpc":"2.0","id":true,"method":"tools/list"}', INVALID_REQUEST, /"id" must be/],
  ['an id that is an object', '{"jsonrpc":"2.0","id":{},"method":"tools/list"}', INVALID_REQUEST, /"id" must be/],
  ['an id that is a list', '{"jsonrpc":"2.0","id":[1],"method":"tools/list"}', INVALID_REQUEST, /"id" must be/],
  ['an id with a fraction', '{"jsonrpc":"2.0","id":1.5,"method":"tools/list"}', INVALID_REQUEST, /"id" must be/],
  [
    'an id past the safe integers',
    '{"jsonrpc":"2.0","id":1e300,"method":"tools/list"}',
    INVALID_REQUEST,
    /"id" must be/,
  ],
  ['an id of a megabyte', text({ jsonrpc: '2.0', id: 'x'.repeat(1 << 20), method: 'a' }), INVALID_REQUEST, /1024 char/],
  ['params that are a list', '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":[]}', INVALID_REQUEST, /"params"/],
  ['params that are text', '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":"a"}', INVALID_REQUEST, /"params"/],
  ['params that are null', '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":null}', INVALID_REQUEST, /"params"/],
  [
    'a method and a result',
    '{"jsonrpc":"2.0","id":1,"method":"a","result":{}}',
    INVALID_REQUEST,
    /"result" or "error"/,
  ],
  ['a method and an error', '{"jsonrpc":"2.0","id":1,"method":"a","error":{}}', INVALID_REQUEST, /"result" or "error"/],
];

const TOO_MUCH: readonly Row[] = [
  ['1,000 lists in each other', deep(1000), INVALID_REQUEST, /nests too deep/],
  ['100,000 lists in each other', deep(100_000), INVALID_REQUEST, /nests too deep/],
  ['100,000 objects in each other', deepObject(100_000), INVALID_REQUEST, /nests too deep/],
  [
    '_meta 100 deep',
    `{"jsonrpc":"2.0","id":1,"method":"a","params":{"_meta":${deepObject(100)}}}`,
    INVALID_REQUEST,
    /too deep/,
  ],
  [
    'arguments 300 deep',
    `{"jsonrpc":"2.0","id":1,"method":"a","params":{"arguments":${deepObject(300)}}}`,
    INVALID_REQUEST,
    /too deep/,
  ],
  [
    'arguments 10,000 deep',
    `{"jsonrpc":"2.0","id":1,"method":"a","params":{"arguments":${deepObject(10_000)}}}`,
    INVALID_REQUEST,
    /too deep/,
  ],
  [
    '100,000 keys',
    `{"params":{"arguments":{${Array.from({ length: 100_000 }, (_, index) => `"k${index}":1`).join()}}}}`,
    INVALID_REQUEST,
    /more than 10000 keys/,
  ],
  [
    'a key twice, with 64 others between',
    `{"method":"a",${Array.from({ length: 64 }, (_, index) => `"k${index}":1`).join()},"method":"b"}`,
    INVALID_REQUEST,
    /more than 64 keys in one object/,
  ],
  ['a method twice', '{"jsonrpc":"2.0","id":1,"method":"a","method":"b"}', INVALID_REQUEST, /same key twice/],
  [
    'a method twice, once escaped',
    '{"jsonrpc":"2.0","id":1,"method":"a","m\\u0065thod":"b"}',
    INVALID_REQUEST,
    /same key twice/,
  ],
  ['an id twice', '{"jsonrpc":"2.0","id":1,"id":2,"method":"a"}', INVALID_REQUEST, /same key twice/],
  [
    'a tool twice',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","name":"b"}}',
    INVALID_REQUEST,
    /twice/,
  ],
];

const ENVELOPE: readonly Row[] = [
  ...([null, 1, 'a', [], true] as const).map(
    (capabilities): Row => [
      `capabilities that are ${text(capabilities)}`,
      text(
        modernMessage('tools/list', { _meta: { ...META, 'io.modelcontextprotocol/clientCapabilities': capabilities } }),
      ),
      INVALID_PARAMS,
      /clientCapabilities" must be an object/,
    ],
  ),
  ...([null, 1, {}, [], true] as const).map(
    (version): Row => [
      `a version that is ${text(version)}`,
      text(modernMessage('tools/list', { _meta: { ...META, 'io.modelcontextprotocol/protocolVersion': version } })),
      INVALID_PARAMS,
      /protocolVersion" must be a string/,
    ],
  ),
  ...([1, 'a', {}, { name: 'a' }, { name: 1, version: '1' }] as const).map(
    (info): Row => [
      `a client that is ${text(info)}`,
      text(modernMessage('tools/list', { _meta: { ...META, 'io.modelcontextprotocol/clientInfo': info } })),
      INVALID_PARAMS,
      /clientInfo" must be an object with/,
    ],
  ),
  ...(['loud', 1, null, {}] as const).map(
    (level): Row => [
      `a log level that is ${text(level)}`,
      text(modernMessage('tools/list', { _meta: { ...META, 'io.modelcontextprotocol/logLevel': level } })),
      INVALID_PARAMS,
      /logLevel" must be a log level/,
    ],
  ),
  ...([1.5, {}, [], null, true] as const).map(
    (token): Row => [
      `a progress token that is ${text(token)}`,
      text(modernMessage('tools/list', { _meta: { ...META, progressToken: token } })),
      INVALID_PARAMS,
      /progressToken" must be/,
    ],
  ),
];

/** `[what, method, params, code, status, says]` with headers that agree. */
type MethodRow = readonly [method: string, params: object, code: number, status: number, says: RegExp];

const METHODS: readonly MethodRow[] = [
  ['nothing/here', {}, -32601, 404, /Method not found: "nothing\/here"/],
  ['__proto__', {}, -32601, 404, /Method not found: "__proto__"/],
  ['constructor', {}, -32601, 404, /Method not found/],
  ['toString', {}, -32601, 404, /Method not found/],
  ['', {}, -32601, 404, /Method not found: ""/],
  ['TOOLS/LIST', {}, -32601, 404, /Method not found/],
  ['x'.repeat(5000), {}, -32601, 404, /Method not found: "x{64}…"/],
  ['initialize', {}, -32601, 404, /Method not found/],
  ['ping', {}, -32601, 404, /Method not found/],
  ['logging/setLevel', { level: 'info' }, -32601, 404, /Method not found/],
  ['resources/subscribe', { uri: 'test://static-text' }, -32601, 404, /Method not found/],
  ['tools/call', {}, INVALID_PARAMS, 200, /Unknown tool: nothing/],
  ['tools/call', { name: 'no such tool' }, INVALID_PARAMS, 200, /Unknown tool: "no such tool"/],
  ['tools/call', { name: '__proto__' }, INVALID_PARAMS, 200, /Unknown tool: "__proto__"/],
  ['tools/call', { name: 'constructor' }, INVALID_PARAMS, 200, /Unknown tool: "constructor"/],
  ['tools/call', { name: 'hasOwnProperty' }, INVALID_PARAMS, 200, /Unknown tool/],
  ['tools/call', { name: '' }, INVALID_PARAMS, 200, /Unknown tool: ""/],
  ['tools/call', { name: 'x'.repeat(5000) }, INVALID_PARAMS, 200, /Unknown tool: "x{64}…"/],
  ['tools/call', { name: '../../etc/passwd' }, INVALID_PARAMS, 200, /Unknown tool/],
  ['tools/call', { name: 'test_simple_text', arguments: [] }, INVALID_PARAMS, 200, /"arguments" of tool/],
  ['tools/call', { name: 'test_simple_text', arguments: 'a' }, INVALID_PARAMS, 200, /"arguments" of tool/],
  ['tools/call', { name: 'test_simple_text', arguments: 1 }, INVALID_PARAMS, 200, /"arguments" of tool/],
  ['tools/list', { cursor: 'nowhere' }, INVALID_PARAMS, 200, /unknown cursor "nowhere"/],
  ['tools/list', { cursor: 1 }, INVALID_PARAMS, 200, /unknown cursor/],
  ['tools/list', { cursor: null }, INVALID_PARAMS, 200, /unknown cursor/],
  ['tools/list', { cursor: '' }, INVALID_PARAMS, 200, /unknown cursor ""/],
  ['prompts/list', { cursor: {} }, INVALID_PARAMS, 200, /unknown cursor/],
  ['resources/read', {}, INVALID_PARAMS, 200, /"uri" must be a string/],
  ['resources/read', { uri: 1 }, INVALID_PARAMS, 200, /"uri" must be a string/],
  ['resources/read', { uri: '' }, INVALID_PARAMS, 200, /Resource not found: ""/],
  ['resources/read', { uri: '__proto__' }, INVALID_PARAMS, 200, /Resource not found/],
  ['resources/read', { uri: 'file:///etc/passwd' }, INVALID_PARAMS, 200, /Resource not found/],
  ['resources/read', { uri: 'test://template/a/b/data' }, INVALID_PARAMS, 200, /Resource not found/],
  ['resources/read', { uri: 'test://template/%zz/data' }, INVALID_PARAMS, 200, /Resource not found/],
  ['resources/read', { uri: 'test://template//data' }, INVALID_PARAMS, 200, /Resource not found/],
  ['prompts/get', {}, INVALID_PARAMS, 200, /Unknown prompt: nothing/],
  ['prompts/get', { name: '__proto__' }, INVALID_PARAMS, 200, /Unknown prompt/],
  ['prompts/get', { name: 'test_prompt_with_arguments' }, INVALID_PARAMS, 200, /"arg1" is missing/],
  [
    'prompts/get',
    { name: 'test_prompt_with_arguments', arguments: { arg1: 1, arg2: 'b' } },
    INVALID_PARAMS,
    200,
    /"arg1" must be/,
  ],
  ['prompts/get', { name: 'test_prompt_with_arguments', arguments: [] }, INVALID_PARAMS, 200, /"arguments" must be/],
  ['completion/complete', {}, INVALID_PARAMS, 200, /"argument" must have/],
  ['completion/complete', { argument: { name: 'a', value: 'b' } }, INVALID_PARAMS, 200, /"ref" must be an object/],
  [
    'completion/complete',
    { argument: { name: 'a', value: 'b' }, ref: { type: 'ref/prompt', name: 'no' } },
    INVALID_PARAMS,
    200,
    /"ref" names no/,
  ],
  ['completion/complete', { argument: { name: 'a', value: 1 }, ref: {} }, INVALID_PARAMS, 200, /"argument" must have/],
  ['subscriptions/listen', {}, INVALID_PARAMS, 200, /"notifications" must be an object/],
  ['subscriptions/listen', { notifications: { toolsListChanged: 'yes' } }, INVALID_PARAMS, 200, /must be a boolean/],
  ['subscriptions/listen', { notifications: { resourceSubscriptions: 'a' } }, INVALID_PARAMS, 200, /list of URIs/],
  [
    'tools/call',
    { name: 'test_simple_text', requestState: 'forged' },
    INVALID_PARAMS,
    200,
    /"requestState" is not valid/,
  ],
  ['tools/call', { name: 'test_simple_text', requestState: 1 }, INVALID_PARAMS, 200, /"requestState" is not valid/],
  ['tools/call', { name: 'test_simple_text', inputResponses: [] }, INVALID_PARAMS, 200, /"inputResponses" must be/],
  ['tools/call', { name: 'test_simple_text', inputResponses: { a: 1 } }, INVALID_PARAMS, 200, /input response "a"/],
  [
    'tools/call',
    { name: 'test_missing_capability', arguments: {} },
    -32021,
    400,
    /Missing client capability: sampling/,
  ],
];

function row([what, body, code, says]: Row): HostileMessage {
  return { what, body, code, status: 400, says };
}

function methodRow([method, params, code, status, says]: MethodRow): HostileMessage {
  const name = 'name' in params ? params.name : 'uri' in params ? params.uri : undefined;
  return {
    what: `${method.slice(0, 30)} ${text(params).slice(0, 60)}`,
    body: text(modernMessage(method, params)),
    code,
    status,
    says,
    headers: { 'mcp-method': method, ...(typeof name === 'string' ? { 'mcp-name': name } : {}) },
  };
}

/** What both transports refuse alike. */
export const HOSTILE_MESSAGES: readonly HostileMessage[] = [
  ...[...UNREADABLE, ...NO_MESSAGE, ...TOO_MUCH].map(row),
  ...ENVELOPE.map((entry) => ({ ...row(entry), headers: { 'mcp-method': 'tools/list' } })),
  ...METHODS.map(methodRow),
];
