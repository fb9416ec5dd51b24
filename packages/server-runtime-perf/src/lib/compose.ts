import type { Handler, HandlerContext, Layer } from './handler.ts';

/** Stacks layers around a handler. A call passes through them in the order written: the first layer sees it first. */
export function compose<Input, Output, Context extends HandlerContext>(
  handler: Handler<Input, Output, Context>,
  ...layers: ReadonlyArray<Layer<Input, Output, Context>>
): Handler<Input, Output, Context> {
  return layers.reduceRight((next, layer) => layer(next), handler);
}
