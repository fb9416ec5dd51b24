import type { ListChange } from '../mcp-server.ts';
import { type Answer, refuse, resultHead } from '../protocol/answer.ts';
import type { Incoming } from '../protocol/incoming.ts';
import type { JsonObject } from '../protocol/json.ts';
import { type Fields, isFields } from '../protocol/message.ts';
import { INTERNAL_ERROR, INVALID_PARAMS, SUBSCRIPTION_ID_KEY } from '../protocol/protocol.ts';
import { watchResource } from './watch-resource.ts';

/** Most streams that listen at once, and most resources that one of them watches. */
const STREAM_LIMIT = 1024;
const RESOURCE_LIMIT = 1024;

const open = new WeakMap<object, { count: number }>();

/** `subscriptions/listen`: a request that stays open and carries the changes that its client asked for. */
export async function listen(request: Incoming): Promise<Answer> {
  const { id, params, server, exchange } = request;
  if (exchange.cancelled) return undefined;
  const wanted = params.notifications;
  if (!isFields(wanted)) return refuse(id, 200, INVALID_PARAMS, 'Invalid params: "notifications" must be an object');
  const problem = filterProblem(wanted);
  if (problem !== undefined) return refuse(id, 200, INVALID_PARAMS, `Invalid params: "notifications" ${problem}`);
  const streams = open.get(server) ?? { count: 0 };
  open.set(server, streams);
  if (streams.count >= STREAM_LIMIT)
    return refuse(id, 503, INTERNAL_ERROR, `Too many subscriptions: ${STREAM_LIMIT} are open`);
  streams.count++;
  const agreed = agree(request, wanted);
  const meta = { [SUBSCRIPTION_ID_KEY]: id };
  const notify = (method: string, fields: JsonObject): void =>
    exchange.notify(JSON.stringify({ jsonrpc: '2.0', method, params: { _meta: meta, ...fields } }));
  notify('notifications/subscriptions/acknowledged', { notifications: agreed });
  return new Promise((resolve) => {
    const stops = follow(request, agreed, notify);
    const end = (answer: Answer): void => {
      if (exchange.cancel === undefined) return;
      exchange.cancel = undefined;
      streams.count--;
      for (const stop of stops) stop();
      resolve(answer);
    };
    exchange.cancel = () => end(undefined);
    stops.push(exchange.lifetime.onEnd(() => end(closing(request))));
  });
}

type Agreed = { -readonly [K in keyof Filter]: Filter[K] };

interface Filter {
  readonly toolsListChanged?: true;
  readonly promptsListChanged?: true;
  readonly resourcesListChanged?: true;
  readonly resourceSubscriptions?: readonly string[];
  readonly [key: string]: true | readonly string[] | undefined;
}

const FLAGS = ['toolsListChanged', 'promptsListChanged', 'resourcesListChanged'] as const;

function filterProblem(wanted: Fields): string | undefined {
  const flag = FLAGS.find((name) => wanted[name] !== undefined && typeof wanted[name] !== 'boolean');
  if (flag !== undefined) return `field "${flag}" must be a boolean`;
  const uris = wanted.resourceSubscriptions;
  if (uris === undefined) return undefined;
  if (!Array.isArray(uris) || !uris.every((uri) => typeof uri === 'string')) {
    return 'field "resourceSubscriptions" must be a list of URIs';
  }
  return uris.length > RESOURCE_LIMIT ? `names more than ${RESOURCE_LIMIT} resources` : undefined;
}

/** The part of a filter that this server can honour. */
function agree({ catalogue }: Incoming, wanted: Fields): Agreed {
  const { tools, prompts, resources, resourceTemplates } = catalogue.offers;
  const agreed: Agreed = {};
  if (wanted.toolsListChanged === true && tools) agreed.toolsListChanged = true;
  if (wanted.promptsListChanged === true && prompts) agreed.promptsListChanged = true;
  if (wanted.resourcesListChanged === true && (resources || resourceTemplates)) agreed.resourcesListChanged = true;
  const uris = wanted.resourceSubscriptions;
  if (!Array.isArray(uris)) return agreed;
  const watched = [...new Set(uris.map(String))].filter((uri) => catalogue.resource(uri)?.entry.subscribe === true);
  if (watched.length > 0) agreed.resourceSubscriptions = watched;
  return agreed;
}

type Notify = (method: string, fields: JsonObject) => void;

function follow({ server, catalogue }: Incoming, agreed: Filter, notify: Notify): (() => void)[] {
  const wanted: Readonly<Record<ListChange, true | undefined>> = {
    tools: agreed.toolsListChanged,
    prompts: agreed.promptsListChanged,
    resources: agreed.resourcesListChanged,
  };
  const lists = server.onChange((change) => {
    if (wanted[change]) notify(`notifications/${change}/list_changed`, {});
  });
  const resources = (agreed.resourceSubscriptions ?? []).map((uri) =>
    watchResource(server, catalogue, uri, () => notify('notifications/resources/updated', { uri })),
  );
  return [lists, ...resources];
}

/** The result that says that the server ended the subscription, as opposed to a connection that broke. */
function closing({ id, server }: Incoming): Answer {
  const serverInfo = JSON.parse(`{"tail":0${server.answers.tail}`) as { readonly _meta: object };
  const result = { resultType: 'complete', _meta: { ...serverInfo._meta, [SUBSCRIPTION_ID_KEY]: id } };
  return `${resultHead(id)}${JSON.stringify(result)}}`;
}
