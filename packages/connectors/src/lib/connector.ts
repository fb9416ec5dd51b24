/** Opens a client on first use and closes it in the end: what `defineConnector` of @mcpgen/server takes, and gives. */
export interface Connector<Client> {
  /** The signal aborts when nobody waits for the client any more. */
  readonly open: (options: { readonly signal: AbortSignal }) => Promise<Client>;
  /** Waits for what is under way, within bounds. */
  close(client: Client): Promise<void>;
}
