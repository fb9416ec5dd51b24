import type { McpServer } from '../mcp-server.ts';
import {
  isFields,
  isNotification,
  isRequest,
  isResponse,
  type RequestMessage,
  refuseMessage,
} from '../protocol/message.ts';
import { type StdioConnection, StdioExchange } from '../stdio/stdio-connection.ts';
import { dispatchLegacy } from './dispatch-legacy.ts';
import { LegacyChannel } from './legacy-channel.ts';

/** The 2025 era over stdio: the process is the session. */
export class LegacyStdio {
  readonly #server: McpServer;
  readonly #connection: StdioConnection;
  readonly #channel: LegacyChannel;

  constructor(server: McpServer, connection: StdioConnection) {
    this.#server = server;
    this.#connection = connection;
    this.#channel = new LegacyChannel(server, (json) => connection.send(json));
  }

  receive(message: unknown): void {
    if (Array.isArray(message) && this.#channel.client.version === '2025-03-26' && message.length > 0) {
      for (const item of message) this.receive(item);
    } else if (!isFields(message)) this.#connection.send(refuseMessage(message).json);
    else if (isRequest(message)) this.#receiveRequest(message);
    else if (isResponse(message)) this.#channel.receive(message);
    else if (!isNotification(message)) this.#connection.send(refuseMessage(message).json);
  }

  #receiveRequest(message: RequestMessage): void {
    const exchange = new StdioExchange(this.#connection);
    exchange.ask = (question) => this.#channel.ask(question, (json) => this.#connection.send(json));
    const answer = dispatchLegacy(this.#server, message, exchange, this.#channel.client);
    this.#connection.settle(message.id, exchange, answer);
  }
}
