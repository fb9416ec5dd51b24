import { DefinitionFault } from './definition-fault.ts';
import { type DefinitionReader, type DefinitionShape, present, readDefinition } from './definition-reader.ts';
import { describePrompt } from './describe-prompt.ts';
import { type DefineOptions, describeTool } from './describe-tool.ts';
import type { AuthDescription, ConnectorDescription, Description, ResourceDescription } from './description.ts';
import { quote } from './errors.ts';
import type { SourceKind } from './project.ts';
import { checkUriTemplate } from './uri-template.ts';

const CONNECTOR: DefinitionShape = {
  what: 'a connector',
  fields: ['open', 'close'],
  hint: 'Write export default defineConnector({ ... }).',
};
const AUTH: DefinitionShape = {
  what: 'a description of who may call',
  fields: ['authenticate', 'resource', 'authorizationServers', 'scopes'],
  hint: 'Write export default defineAuth({ authenticate({ headers }) { ... } }).',
};
const RESOURCE: DefinitionShape = {
  what: 'a resource',
  fields:
    'uri uriTemplate name title description mimeType size annotations icons meta connectors cache read watch complete'.split(
      ' ',
    ),
  hint: 'Write export default defineResource({ ... }).',
};
const COMPLETE_HINT = 'Write complete: { variable: (value) => [...] }, with a function for each variable.';

/** Reads what a module's default export says of itself. @throws DefinitionFault */
export async function describeDefinition(
  kind: SourceKind,
  definition: unknown,
  options: DefineOptions,
): Promise<Description> {
  switch (kind) {
    case 'tool':
      return describeTool(definition, options);
    case 'resource':
      return describeResource(definition, options.name);
    case 'prompt':
      return describePrompt(definition, options.name);
    case 'connector':
      return describeConnector(definition, options.name);
    case 'auth':
      return describeAuth(definition, options.name);
    default:
      return kind satisfies never;
  }
}

/** The rest may depend on the environment, which a build does not know. */
function describeAuth(definition: unknown, name: string): AuthDescription {
  const reader = readDefinition(definition, AUTH);
  reader.requireFunction('authenticate', 'Write authenticate({ headers }) { ... } and return the caller or undefined.');
  return { kind: 'auth', name, warnings: reader.warnings };
}

function describeConnector(definition: unknown, name: string): ConnectorDescription {
  const reader = readDefinition(definition, CONNECTOR);
  reader.requireFunction('open', 'Write open() { ... } and return the client.');
  reader.optionalFunction('close');
  return { kind: 'connector', name, warnings: reader.warnings };
}

function describeResource(definition: unknown, fileName: string): ResourceDescription {
  const reader = readDefinition(definition, RESOURCE);
  const name = reader.text('name') ?? fileName;
  const address = resourceAddress(reader);
  reader.requireFunction('read', 'Write read({ uri, variables }, context) { ... } and return a text or bytes.');
  const size = reader.value('size');
  if (size !== undefined && (!Number.isSafeInteger(size) || Number(size) < 0)) {
    throw new DefinitionFault('size must be a number of bytes', { field: 'size', hint: 'Leave it out if unknown.' });
  }
  const listing = {
    ...address.listing,
    name,
    ...present({
      title: reader.shown('title'),
      description: reader.shown('description'),
      mimeType: reader.text('mimeType'),
      size,
      annotations: reader.json('annotations'),
      icons: reader.icons(),
      _meta: reader.json('meta'),
    }),
  };
  return {
    kind: 'resource',
    name,
    listing,
    connectors: reader.connectors(),
    subscribe: reader.optionalFunction('watch'),
    complete: readCompleters(reader, address.variables),
    cache: reader.cache(),
    warnings: reader.warnings,
  };
}

interface ResourceAddress {
  readonly listing: { readonly uri: string } | { readonly uriTemplate: string };
  readonly variables: readonly string[];
}

function resourceAddress(reader: DefinitionReader): ResourceAddress {
  const uri = reader.text('uri');
  const uriTemplate = reader.text('uriTemplate');
  if ((uri === undefined) === (uriTemplate === undefined)) {
    const state = uri === undefined ? 'it has neither a uri nor a uriTemplate' : 'it has both a uri and a uriTemplate';
    throw new DefinitionFault(state, { hint: 'Give a fixed uri, or a uriTemplate such as "db://tables/{table}".' });
  }
  if (uriTemplate === undefined) {
    if (!URL.canParse(uri ?? ''))
      throw new DefinitionFault(`uri ${quote(uri ?? '')} is not an absolute URI`, {
        field: 'uri',
        hint: 'Begin it with a scheme, such as file:///readme or db://tables.',
      });
    return { listing: { uri: uri ?? '' }, variables: [] };
  }
  const check = checkUriTemplate(uriTemplate);
  if (!check.valid) {
    throw new DefinitionFault(`uriTemplate ${quote(uriTemplate)} cannot be used: ${check.fault}`, {
      field: 'uriTemplate',
      hint: 'Write a template of RFC 6570 such as "db://tables/{table}".',
    });
  }
  if (check.variables.length === 0) {
    throw new DefinitionFault(`uriTemplate ${quote(uriTemplate)} has no variable`, {
      field: 'uriTemplate',
      hint: 'Write it as uri.',
    });
  }
  return { listing: { uriTemplate }, variables: check.variables };
}

function readCompleters(reader: DefinitionReader, variables: readonly string[]): boolean {
  const complete = reader.value('complete');
  if (complete === undefined) return false;
  if (typeof complete !== 'object' || complete === null)
    throw new DefinitionFault('complete must be an object', { field: 'complete', hint: COMPLETE_HINT });
  for (const [variable, completer] of Object.entries(complete)) {
    if (!variables.includes(variable)) {
      const state = variables.length === 0 ? 'a uri without variables' : `variables ${variables.join(', ')}`;
      throw new DefinitionFault(`complete names ${quote(variable)}, which is not in its template: ${state}`, {
        field: 'complete',
        hint: 'Name a variable of the uriTemplate.',
      });
    }
    if (typeof completer !== 'function')
      throw new DefinitionFault(`complete.${variable} must be a function`, {
        field: 'complete',
        hint: COMPLETE_HINT,
      });
  }
  return Object.keys(complete).length > 0;
}
