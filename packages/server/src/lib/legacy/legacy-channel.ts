import type { McpServer } from '../mcp-server.ts';
import { watchResource } from '../methods/watch-resource.ts';
import type { RequestId } from '../protocol/answer.ts';
import type { ClientRequest } from '../protocol/exchange.ts';
import { isFields, type ResponseMessage } from '../protocol/message.ts';
import { LEGACY_VERSIONS } from '../protocol/protocol.ts';
import { type LegacyClient, newClient, type Subscriptions } from './dispatch-legacy.ts';

const SUBSCRIPTION_LIMIT = 1024;

/** How long a user may take to answer, milliseconds. */
const ANSWER_TIME = 10 * 60 * 1000;

interface Question {
  readonly timer: NodeJS.Timeout;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One client of the 2025 era with a way back to it: requests of the server and their answers, subscriptions, changes of
 * lists. Over stdio there is one for the process, over HTTP one for each session.
 */
export class LegacyChannel implements Subscriptions {
  readonly client: LegacyClient;
  readonly #server: McpServer;
  readonly #send: (json: string) => void;
  readonly #questions = new Map<RequestId, Question>();
  readonly #subscribed = new Map<string, () => void>();
  readonly #stopListening: () => void;
  #lastId = 0;

  /** @param send sends what belongs to no request of the client. */
  constructor(server: McpServer, send: (json: string) => void) {
    this.#server = server;
    this.#send = send;
    this.client = newClient(LEGACY_VERSIONS[0], this);
    this.#stopListening = server.onChange((change) => this.#notify(`notifications/${change}/list_changed`));
  }

  /** Sends a request of the server beside the client's own request, and waits for the client's answer. */
  ask({ method, params }: ClientRequest, send: (json: string) => void): Promise<unknown> {
    const id = `server-${++this.#lastId}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.receive({ id, error: { message: 'nothing, for too long' } }), ANSWER_TIME);
      this.#questions.set(id, { resolve, reject, timer });
      send(JSON.stringify({ jsonrpc: '2.0', id, method, ...(params === undefined ? {} : { params }) }));
    });
  }

  /** Takes a client's answer to a question; answers to none are ignored. */
  receive({ id, result, error }: ResponseMessage): void {
    const question = this.#questions.get(id);
    if (question === undefined) return;
    this.#questions.delete(id);
    clearTimeout(question.timer);
    if (error === undefined) question.resolve(result);
    else question.reject(new Error(errorMessage(error)));
  }

  subscribe(uri: string): boolean {
    const { catalogue } = this.#server;
    if (catalogue.resource(uri)?.entry.subscribe !== true || this.#subscribed.size >= SUBSCRIPTION_LIMIT) return false;
    if (this.#subscribed.has(uri)) return true;
    const changed = (): void => this.#notify('notifications/resources/updated', { uri });
    this.#subscribed.set(uri, watchResource(this.#server, catalogue, uri, changed));
    return true;
  }

  unsubscribe(uri: string): void {
    this.#subscribed.get(uri)?.();
    this.#subscribed.delete(uri);
  }

  close(): void {
    this.#stopListening();
    for (const stop of this.#subscribed.values()) stop();
    this.#subscribed.clear();
    for (const { reject, timer } of this.#questions.values()) {
      clearTimeout(timer);
      reject(new Error('the client has left'));
    }
    this.#questions.clear();
  }

  #notify(method: string, params?: object): void {
    this.#send(JSON.stringify({ jsonrpc: '2.0', method, ...(params === undefined ? {} : { params }) }));
  }
}

function errorMessage(error: unknown): string {
  const message = isFields(error) ? error.message : undefined;
  return typeof message === 'string'
    ? `the client answered: ${message.slice(0, 1024)}`
    : 'the client answered with an error';
}
