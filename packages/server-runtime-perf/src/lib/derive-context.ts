import type { HandlerContext } from './handler.ts';

/**
 * The same context with another signal. A plain object is copied, so that it can be spread further; anything else becomes
 * the prototype of the new context, which keeps its methods.
 */
export function deriveContext<Context extends HandlerContext>(context: Context, signal: AbortSignal): Context {
  if (Object.getPrototypeOf(context) === Object.prototype) return { ...context, signal };
  return Object.create(context, { signal: { value: signal, enumerable: true } });
}
