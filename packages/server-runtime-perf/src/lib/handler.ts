/** The least a handler must be given: a signal that is aborted when the caller no longer wants the answer. */
export interface HandlerContext {
  readonly signal: AbortSignal;
}

/** Anything that answers an input: an HTTP handler, a tool of an MCP server, a job. Every part wraps one into another. */
export type Handler<Input, Output, Context extends HandlerContext = HandlerContext> = (
  input: Input,
  context: Context,
) => Output | Promise<Output>;

/** A function from handler to handler: what `compose` stacks. */
export type Layer<Input, Output, Context extends HandlerContext = HandlerContext> = (
  next: Handler<Input, Output, Context>,
) => Handler<Input, Output, Context>;
