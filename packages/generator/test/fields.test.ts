import type { Auth, Connector, Prompt, PromptArgument, Resource, Tool } from '@mcpgen/server';
import { describe, expect, it } from 'vitest';
import { describeDefinition } from '../src/lib/describe-definition.ts';
import type { SourceKind } from '../src/lib/project.ts';

type Fields<T> = { readonly [K in keyof Required<T>]: true };

/** What authors may write, by the types they write against: a field that is missing here does not compile. */
const TOOL: Fields<Tool> = {
  name: true,
  title: true,
  description: true,
  input: true,
  output: true,
  annotations: true,
  icons: true,
  meta: true,
  connectors: true,
  uses: true,
  cache: true,
  run: true,
  deadline: true,
  handler: true,
};
const RESOURCE: Fields<Resource> = {
  uri: true,
  uriTemplate: true,
  name: true,
  title: true,
  description: true,
  mimeType: true,
  size: true,
  annotations: true,
  icons: true,
  meta: true,
  connectors: true,
  cache: true,
  read: true,
  watch: true,
  complete: true,
};
const PROMPT: Fields<Prompt> = {
  name: true,
  title: true,
  description: true,
  arguments: true,
  icons: true,
  meta: true,
  connectors: true,
  uses: true,
  handler: true,
};
const ARGUMENT: Fields<PromptArgument> = { title: true, description: true, required: true, complete: true };
const CONNECTOR: Fields<Connector<unknown>> = { open: true, close: true };

const AUTH: Fields<Auth> = { authenticate: true, resource: true, authorizationServers: true, scopes: true };

/** The fields that a definition may have, as the error for a strange one lists them. */
async function fieldsOf(kind: SourceKind, definition: object): Promise<readonly string[]> {
  const loadZod = async (): Promise<object> => ({});
  const hint = await describeDefinition(kind, definition, { name: 'x', loadZod }).then(
    () => '',
    (cause: { hint: string }) => cause.hint,
  );
  return hint
    .replace(/^The fields are |\.$/g, '')
    .split(', ')
    .sort();
}

describe('the fields of a definition', () => {
  it.each<[SourceKind, object]>([
    ['tool', TOOL],
    ['resource', RESOURCE],
    ['prompt', PROMPT],
    ['connector', CONNECTOR],
    ['auth', AUTH],
  ])('of a %s are those of its type', async (kind, fields) => {
    expect(await fieldsOf(kind, { somethingElseEntirely: 1 })).toEqual(Object.keys(fields).sort());
  });

  it('of an argument are those of its type', async () => {
    const prompt = { handler: () => '', arguments: { a: { somethingElseEntirely: 1 } } };
    expect(await fieldsOf('prompt', prompt)).toEqual(Object.keys(ARGUMENT).sort());
  });
});
