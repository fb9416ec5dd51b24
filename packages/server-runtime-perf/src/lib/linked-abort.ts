/** A signal that follows another one and can also be aborted by itself. Made when first read: most handlers never do. */
export interface LinkedAbort {
  readonly signal: () => AbortSignal;
  readonly abort: (reason: unknown) => void;
  /** Stops following, so that a long-lived outer signal keeps nothing of this call. */
  readonly release: () => void;
}

export function linkAbort(outer: AbortSignal): LinkedAbort {
  let controller: AbortController | undefined;
  let aborted: { readonly reason: unknown } | undefined;
  let released = false;
  const follow = () => controller?.abort(outer.reason);

  return {
    signal: () => {
      if (controller === undefined) {
        controller = new AbortController();
        if (aborted !== undefined) controller.abort(aborted.reason);
        else if (outer.aborted) follow();
        else if (!released) outer.addEventListener('abort', follow, { once: true });
      }
      return controller.signal;
    },
    abort: (reason) => {
      aborted ??= { reason };
      controller?.abort(reason);
    },
    release: () => {
      released = true;
      if (controller !== undefined) outer.removeEventListener('abort', follow);
    },
  };
}
