import { describe, expect, it } from 'vitest';
import type { DefinitionFault } from './definition-fault.ts';
import { describeDefinition } from './describe-definition.ts';
import type { ResourceDescription } from './description.ts';
import type { SourceKind } from './project.ts';
import { UNKNOWN_KEYWORD } from './validation-keywords.ts';

const options = { name: 'file_name', loadZod: () => import('zod/v4/core') };
const handler = (): string => '';

async function resource(definition: object): Promise<ResourceDescription> {
  const description = await describeDefinition('resource', { read: handler, ...definition }, options);
  if (description.kind !== 'resource') throw new TypeError('not a resource');
  return description;
}

/** The message of a fault, which must come with a hint. */
async function fault(kind: SourceKind, definition: object): Promise<string> {
  return describeDefinition(kind, definition, options).then(
    () => 'none',
    (cause: DefinitionFault) => (cause.hint === undefined ? `without hint: ${cause.message}` : cause.message),
  );
}

describe('describeDefinition of a resource', () => {
  it('tells a resource from a template', async () => {
    expect(await resource({ uri: 'a://b', mimeType: 'text/plain' })).toMatchObject({
      listing: { uri: 'a://b', name: 'file_name', mimeType: 'text/plain' },
      subscribe: false,
      complete: false,
    });
    const template = {
      uriTemplate: 'db://{table}{?limit,from}',
      watch: handler,
      complete: { table: () => [] },
      cache: { ttl: 10 },
    };
    expect(await resource(template)).toMatchObject({
      listing: { uriTemplate: 'db://{table}{?limit,from}' },
      subscribe: true,
      complete: true,
      cache: { ttl: 10, scope: 'user' },
    });
  });

  it.each<[string, object, string]>([
    ['no address', {}, 'it has neither a uri nor a uriTemplate'],
    ['two addresses', { uri: 'a://b', uriTemplate: 'a://{b}' }, 'it has both a uri and a uriTemplate'],
    ['a relative URI', { uri: 'b/c' }, 'uri "b/c" is not an absolute URI'],
    ['an open expression', { uriTemplate: 'a://{b' }, 'uriTemplate "a://{b" cannot be used: a "{" is never closed'],
    [
      'level 4',
      { uriTemplate: 'a://{b*}' },
      'uriTemplate "a://{b*}" cannot be used: "{b*}" is of level 4, where "*" and ":n" belong; levels 1 to 3 are supported',
    ],
    [
      'a strange expression',
      { uriTemplate: 'a://{b c}' },
      'uriTemplate "a://{b c}" cannot be used: "{b c}" is not an expression of RFC 6570',
    ],
    [
      'a variable twice',
      { uriTemplate: 'a://{b}/{b}' },
      'uriTemplate "a://{b}/{b}" cannot be used: a variable occurs twice',
    ],
    ['no variable', { uriTemplate: 'a://b' }, 'uriTemplate "a://b" has no variable'],
    [
      'a completer for nothing',
      { uriTemplate: 'a://{b}', complete: { c: handler } },
      'complete names "c", which is not in its template: variables b',
    ],
    ['a size that is none', { uri: 'a://b', size: -1 }, 'size must be a number of bytes'],
  ])('refuses %s', async (_name, definition, message) => {
    expect(await fault('resource', { read: handler, ...definition })).toBe(message);
  });
});

describe('describeDefinition of a prompt and a connector', () => {
  it('lists the arguments of a prompt and checks that they are texts', async () => {
    const prompt = { handler, arguments: { text: { description: 'T', required: true }, tone: { complete: () => [] } } };
    expect(await describeDefinition('prompt', prompt, options)).toMatchObject({
      listing: { name: 'file_name', arguments: [{ name: 'text', description: 'T', required: true }, { name: 'tone' }] },
      validation: {
        type: 'object',
        properties: { text: { type: 'string' }, tone: { type: 'string' } },
        required: ['text'],
        [UNKNOWN_KEYWORD]: 'strip',
      },
      complete: true,
    });
  });

  it.each<[SourceKind, object, string]>([
    ['prompt', { handler, arguments: [] }, 'arguments must be an object of arguments by name'],
    ['prompt', { handler, arguments: { a: { need: true } } }, '"need" is not a field of the argument "a"'],
    ['prompt', {}, 'it has no handler'],
    ['connector', {}, 'it has no open'],
    ['auth', {}, 'it has no authenticate'],
    ['auth', { authenticate: handler, scope: [] }, '"scope" is not a field of a description of who may call'],
    ['connector', { open: 5 }, 'open must be a function, got a number'],
    ['connector', { open: handler, close: 1 }, 'close must be a function, got a number'],
  ])('refuses a %s with %j', async (kind, definition, message) => {
    expect(await fault(kind, definition)).toBe(message);
  });
});
