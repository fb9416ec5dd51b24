import type { HandlerContext } from './handler.ts';

/**
 * The same context with a signal of its own. A plain object is copied, so that it can be spread further; anything else
 * becomes the prototype of the new context, which keeps its methods.
 */
export function deriveContext<Context extends HandlerContext>(
  context: Context,
  readSignal: () => AbortSignal,
): Context {
  const isPlain = Object.getPrototypeOf(context) === Object.prototype;
  const derived = isPlain ? { ...context } : Object.create(context);
  return Object.defineProperty(derived, 'signal', { get: readSignal, enumerable: true, configurable: true });
}
