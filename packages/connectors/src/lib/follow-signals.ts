/**
 * Aborts the controller with the first of the signals, until the function that it returns is called: then, unlike what
 * `AbortSignal.any` makes, it holds on to nothing.
 */
export function followSignals(signals: readonly (AbortSignal | undefined)[], controller: AbortController): () => void {
  const ends: (() => void)[] = [];
  for (const signal of signals) {
    if (signal === undefined) continue;
    const onAbort = () => controller.abort(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    ends.push(() => signal.removeEventListener('abort', onAbort));
  }
  return () => {
    for (const end of ends) end();
  };
}
